import type { Client } from '../../client/index.ts'

import { type Finding, good, worse } from './finding.ts'

/** Whether what steps call outside is well, as far as workers know. */
export async function examineBreakers(client: Client): Promise<Finding> {
  const all = await client.listBreakers()
  const ill = all.filter(({ state }) => state !== 'closed')
  const names = new Set(ill.map(({ dependency }) => dependency))
  if (names.size > 0) {
    return worse(
      'dependencies',
      `too many calls have failed, so these are not called for a while: ${[...names].join(', ')}`,
      'prsm breakers shows what failed, and when each is tried again',
    )
  }
  const called = new Set(all.map(({ dependency }) => dependency)).size
  return good(
    'dependencies',
    called === 0 ? 'none is called by a worker now' : `${called} called lately, none of them ill`,
  )
}
