import { lchown, link, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { Random } from '../../../kernel/random.ts'

import type { DataHome } from './data-home.ts'
import { unlessCode } from './faults.ts'
import { ownIdentity } from './identity.ts'
import {
  closeEnds,
  hasWriter,
  makePipe,
  openBothEnds,
  openWriteEnd,
  type PipeEnds,
  type WriteEnd,
} from './pipe.ts'

/*
 * Who uses a server, and who may start one, is told by one named pipe. The system keeps the books: it
 * closes the ends of a process that dies, however it dies and in whatever container.
 *
 * - A server lives while the pipe has a reader: its supervisor, and before it the starter.
 * - A user holds the pipe open for writing. When the last user is gone the supervisor reads the end
 *   of the pipe and stops the server.
 * - The pipe's name counts the starts: `alive.7`. Who finds it without a reader may start a server by
 *   becoming a reader and renaming it to `alive.8`, which succeeds for one process only; the others
 *   find that name gone. A starter that dies leaves a pipe without a reader, so no lock can stay.
 *
 * As it is the same pipe all along, users whose supervisor was killed count as users of the next one.
 */

/** A user's share in a server. */
export interface Hold {
  readonly pipe: string
  readonly writeEnd: WriteEnd
}

/** A server's place, taken by this process, which must now give it a supervisor. */
export interface Claim extends PipeEnds {
  readonly pipe: string
}

type Place = Pick<DataHome, 'folder' | 'server'>

const NAME = /^alive\.(\d+)$/

/** Number of the latest start in `folder`; makes the pipe when there is none, in a new folder. */
export async function latestStart(home: Place, random: Random): Promise<number> {
  const { folder, server } = home
  const numbers = (await readdir(folder)).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number)
  if (numbers.length > 0) return Math.max(...numbers)
  const draft = join(folder, `new.${random.uint32()}`)
  await makePipe(draft)
  // Made by root, it must serve the server's user as well.
  if (server.uid !== ownIdentity().uid) await lchown(draft, server.uid, server.gid)
  // If another process has made one meanwhile, under whatever number, the higher one counts.
  await unlessCode(['EEXIST'], () => link(draft, pipePath(folder, 0)))
  await rm(draft)
  return latestStart(home, random)
}

/** Becomes a user of the server, or gives `undefined` when that start has ended. */
export function joinServer(folder: string, start: number): Hold | undefined {
  const pipe = pipePath(folder, start)
  const writeEnd = openWriteEnd(pipe)
  return writeEnd === undefined ? undefined : { pipe, writeEnd }
}

/** Takes the place of a server that has ended, or gives `undefined` when another process does. */
export async function claimServer(folder: string, ended: number): Promise<Claim | undefined> {
  const ends = openBothEnds(pipePath(folder, ended))
  if (ends === undefined) return undefined
  const pipe = pipePath(folder, ended + 1)
  const isOurs = await unlessCode(['ENOENT'], async () => {
    await rename(pipePath(folder, ended), pipe)
    return true
  })
  if (isOurs === true) return { ...ends, pipe }
  closeEnds(ends)
  return undefined
}

/** Whether anybody, this process included, has a share in the server. */
export async function isUsed(home: Place, random: Random): Promise<boolean> {
  return hasWriter(pipePath(home.folder, await latestStart(home, random)))
}

function pipePath(folder: string, start: number): string {
  return join(folder, `alive.${start}`)
}
