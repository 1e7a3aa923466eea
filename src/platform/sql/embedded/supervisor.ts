import { type ChildProcess, spawn } from 'node:child_process'

import type { DataHome } from './data-home.ts'
import { type Identity, ownIdentity } from './identity.ts'
import { serverTag, SUPERVISOR } from './processes.ts'
import { settingArguments } from './settings.ts'

/**
 * Starts the server, and stops it when standard input ends: when its last user is gone.
 *
 * @remarks
 * Works in the data directory, so that it needs no permission on the folders above. Two shells: one
 * waits for the server and then ends the other, which reads the pipe. That one closes the pipe before
 * it stops the server, so that who comes now sees that it has ended. It stops it again and again, as
 * the server is deaf to signals while it starts.
 *
 * Every line it reads is a token, which it answers with a link of that name to "version/number"
 * (attach.ts). A link is there at once or not at all, and needs no room on a full disk.
 *
 * SIGTERM and SIGHUP are ignored: service managers send them to all processes of a service at once,
 * but the users still need their database for what they do last.
 */
const SCRIPT = `
umask 077
trap '' HUP INT TERM
version=$1
shift
mv -f ../server.log ../server.log.1 2>/dev/null
exec 3<&0 </dev/null >../server.log 2>&1
"$@" 3<&- &
server=$!
(
  while read -r token <&3 && kill -0 "$server" 2>/dev/null; do
    ln -s "$version/$server" "../seen.$token" 2>/dev/null
  done
  exec 3<&-
  while kill -INT "$server" 2>/dev/null; do sleep 0.1; done
) &
reader=$!
exec 3<&-
wait "$server"
status=$?
kill -KILL "$reader" 2>/dev/null
exit "$status"
`

/** What a supervisor runs and reads. */
export interface Supervision {
  /** The folder with `bin`, `lib` and `share`. */
  readonly native: string
  /** Version of the server, for those who join. */
  readonly version: string
  /** The end of the users' pipe that it reads; the caller closes its own copy. */
  readonly readEnd: number
}

/** Starts a supervisor that reads `readEnd`; it is its own session and outlives this process. */
export function startSupervisor(
  home: DataHome,
  { native, version, readEnd }: Supervision,
): ChildProcess {
  const { server } = home
  // The link leads a process to where it works without a look at the folders on the way.
  const data = process.platform === 'linux' ? '/proc/self/cwd' : home.data
  const settings = settingArguments(process.platform, { cluster_name: serverTag(home.data) })
  const command = [`${native}/bin/postgres`, '-D', data, ...settings]
  const child = spawn('/bin/sh', ['-c', SCRIPT, SUPERVISOR, version, ...command], {
    cwd: home.data,
    detached: true,
    // Nothing else of ours: PGPORT, PGDATA and the like would have their say.
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
    stdio: [readEnd, 'ignore', 'ignore'],
    ...userChange(server),
  })
  child.unref()
  return child
}

/** Node also leaves the supplementary groups when it changes the user. */
function userChange(server: Identity): Partial<Identity> {
  return server.uid === ownIdentity().uid ? {} : server
}
