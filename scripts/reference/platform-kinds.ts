import { openBreakers } from '../../src/app/breakers.ts'
import { config } from '../../src/app/config.ts'
import { openKinds } from '../../src/app/kinds.ts'
import { openModels } from '../../src/app/models.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { createSeededRandom } from '../../src/kernel/random.ts'
import { noTelemetry } from '../../src/kernel/telemetry.ts'
import { createManualClock } from '../../src/kernel/testing.ts'
import type { StepKinds } from '../../src/workflow/index.ts'

/** Does something with all kinds of step of the platform; nothing of it is started. */
export async function withKinds<Value>(use: (kinds: StepKinds) => Value): Promise<Value> {
  const settings = config.parse({})
  const surroundings = {
    clock: createManualClock(),
    random: createSeededRandom(1),
    log: silentLog,
    telemetry: noTelemetry,
    secrets: () => undefined,
    keys: () => undefined,
    environment: {},
  }
  const breakers = openBreakers(settings, surroundings)
  const opened = openModels(settings, surroundings, breakers)
  const { models } = opened
  const own = { models, breakers, config: settings, codeRoots: ['/'], more: [] }
  const kinds = openKinds({ ...surroundings, ...own })
  try {
    return use(kinds.kinds)
  } finally {
    await kinds.close()
    await opened.close()
  }
}
