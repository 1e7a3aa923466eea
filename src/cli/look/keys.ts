import type { ApiKey, Scope } from '../../client/index.ts'
import { parseDurationMs } from '../../kernel/duration.ts'
import { didYouMean } from '../../kernel/nearest.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import { renderTable } from '../text/table.ts'
import { relativeTime } from '../text/time.ts'

/** Options of `prsm keys create`. */
export interface KeyFlags {
  readonly scope?: string
  readonly expires?: string
}

/** `prsm keys create` */
export async function createKey(
  context: Context,
  name: string,
  { scope, expires }: KeyFlags,
): Promise<ExitCode> {
  const request = {
    name,
    ...(scope !== undefined && { scopes: [parseScope(scope)] }),
    ...(expires !== undefined && { expiresAt: context.clock.now() + parseDurationMs(expires) }),
  }
  const issued = await withSession(context, 'none', ({ client }) => client.createKey(request))
  if (context.isJson) context.printJson(toJson(issued))
  else {
    context.print(issued.token)
    context.note(
      `${issued.key.id} may ${issued.key.scopes.join(', ')}; its token is not shown again`,
    )
  }
  return EXIT.done
}

const SCOPES: readonly Scope[] = ['read', 'run', 'admin']

function parseScope(text: string): Scope {
  const found = SCOPES.find((scope) => scope === text)
  if (found !== undefined) return found
  throw new UsageError(`there is no scope "${text}"${didYouMean(text, SCOPES)}`, {
    hint: `scopes are ${SCOPES.join(', ')}; each includes those before it`,
  })
}

/** `prsm keys ls` */
export async function listKeys(context: Context): Promise<ExitCode> {
  const keys = await withSession(context, 'none', async ({ client }) => {
    const found: ApiKey[] = []
    for await (const key of client.listKeys({ limit: 200 })) found.push(key)
    return found
  })
  if (context.isJson) context.printJson(keys.map((key) => toJson(key)))
  else if (keys.length === 0) {
    context.note('there is no API key yet: prsm serve makes the first one, prsm keys create others')
  } else context.print(...tableOf(context, keys))
  return EXIT.done
}

/** `prsm keys revoke` */
export async function revokeKey(context: Context, id: string): Promise<ExitCode> {
  const key = await withSession(context, 'none', ({ client }) => client.revokeKey(id))
  if (context.isJson) context.printJson(toJson(key))
  else context.print(`${key.id} (${key.name}) is revoked`)
  return EXIT.done
}

function tableOf({ clock, paint, glyphs }: Context, keys: readonly ApiKey[]): readonly string[] {
  const now = clock.now()
  return renderTable({
    columns: [
      { title: 'KEY' },
      { title: 'NAME' },
      { title: 'SCOPES' },
      { title: 'MADE' },
      { title: 'LAST USED' },
      { title: 'STATE' },
    ],
    rows: keys.map((key) => [
      { text: key.id },
      { text: key.name },
      { text: key.scopes.join(', ') },
      { text: relativeTime(key.createdAt, now), paint: paint.dim },
      { text: key.lastUsedAt === undefined ? 'never' : relativeTime(key.lastUsedAt, now) },
      { text: stateOf(key, now) },
    ]),
    width: 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}

function stateOf({ revokedAt, expiresAt }: ApiKey, now: number): string {
  if (revokedAt !== undefined) return 'revoked'
  if (expiresAt === undefined) return 'valid'
  return expiresAt <= now ? 'expired' : `expires ${relativeTime(expiresAt, now)}`
}
