import type { Client } from '../../client/index.ts'
import { UsageError } from '../errors.ts'

/** Runs that are looked through for a part of an id. */
const MOST = 2_000
/** Length of an id; less is a part of one. */
const WHOLE = 30

/**
 * The id that a whole or partial id stands for; `last` is the latest run.
 *
 * @throws {@link UsageError} it fits none of the latest runs, or several.
 */
export async function findRun(client: Client, given: string): Promise<string> {
  if (given.startsWith('run_') && given.length >= WHOLE) return given
  const found: string[] = []
  let seen = 0
  for await (const { id } of client.listRuns({ limit: 200 })) {
    if (given === 'last') return id
    if (fits(id, given)) found.push(id)
    seen += 1
    if (seen === MOST) break
  }
  return takeOnly(found, given)
}

function fits(id: string, given: string): boolean {
  return id.startsWith(given) || id.startsWith(`run_${given}`) || id.endsWith(given)
}

function takeOnly(found: readonly string[], given: string): string {
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  if (only === undefined) {
    throw new UsageError(given === 'last' ? 'there is no run yet' : `no run fits "${given}"`, {
      hint: 'prsm ls lists runs',
    })
  }
  throw new UsageError(`"${given}" fits ${found.length} runs`, {
    hint: `write more of it: ${found.slice(0, 3).join(', ')}`,
  })
}
