import { join } from 'node:path'

import { readText } from './read-text.ts'

const TAIL_BYTES = 4_096
const TAIL_LINES = 8

/** The last lines of the server's log, which begins anew with each start; none when there is none. */
export async function logTail(folder: string): Promise<readonly string[]> {
  const text = await readText(join(folder, 'server.log'), TAIL_BYTES)
  return (text ?? '').split('\n').filter(Boolean).slice(-TAIL_LINES)
}
