import { config } from '../../src/app/config.ts'
import { formatFtns } from '../../src/kernel/money.ts'
import { DEFAULT_PRICES } from '../../src/pricing/index.ts'

import { heading, page, table } from './markdown.ts'

/** `docs/reference/prices.md`: what things cost where nobody has set prices. */
export function pricesPage(): string {
  const { welcomeGrant, leastBudget } = config.parse({})
  const { models, cpuCoreHour } = DEFAULT_PRICES
  return page(
    heading(
      'Prices',
      'These prices hold where the settings have no `prices`. They are nominal: 1 FTNS is meant to be of the order of one US dollar. 1 FTNS is 1 000 000 µFTNS.',
    ),
    table(
      ['Model', 'A million tokens read', 'A million tokens written'],
      models.map(({ model, inputPerMillion, outputPerMillion }) => [
        `\`${model}\``,
        formatFtns(inputPerMillion),
        formatFtns(outputPerMillion),
      ]),
    ),
    `The price of \`provider:model\` comes before that of \`provider:*\`, and that before \`*\`. An hour of one core, which \`code\` steps use, costs ${formatFtns(cpuCoreHour)}. Every amount is rounded half to even to a whole µFTNS. All other kinds of step cost nothing.`,
    `A new tenant starts with ${welcomeGrant} (\`welcomeGrant\`). The least budget of a run that costs something and says nothing of it is ${leastBudget} (\`leastBudget\`).`,
    'In the settings, amounts are whole µFTNS in quotes:',
    [
      '```yaml',
      'prices:',
      '  models:',
      "    - { model: 'openai:*', inputPerMillion: '2000000', outputPerMillion: '8000000' }",
      "    - { model: '*', inputPerMillion: '3000000', outputPerMillion: '15000000' }",
      "  cpuCoreHour: '50000'",
      '```',
    ].join('\n'),
  )
}
