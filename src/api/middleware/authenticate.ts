import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'

import {
  allows,
  MissingScopeError,
  type Principal,
  type Scope,
  UnauthenticatedError,
} from '../../access/index.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'

/** Below `/v1`, only these answer without a key. */
const PUBLIC = new Set(['/v1/health', '/v1/ready'])
/** Deliveries show by themselves that they may come. */
const HOOKS = '/v1/hooks/'
const BEARER = /^Bearer +(\S{1,200})$/i

/** Finds out who acts; everything below `/v1` but health needs a key. */
export function authenticate({ access, auth }: ApiDeps): MiddlewareHandler<ApiEnv> {
  const identify = async (header: string | undefined): Promise<Principal> => {
    if (auth.kind === 'trusted') return { tenant: auth.tenant, id: 'local', scopes: ['admin'] }
    const token = BEARER.exec(header ?? '')?.[1]
    const principal = token === undefined ? undefined : await access.authenticate(token)
    if (principal === undefined) throw new UnauthenticatedError()
    return principal
  }
  return createMiddleware<ApiEnv>(async (context, next) => {
    const { path } = context.req
    if (!PUBLIC.has(path) && !path.startsWith(HOOKS)) {
      context.set('principal', await identify(context.req.header('authorization')))
    }
    await next()
  })
}

/** What an operation says of the scope it needs, in its contract and in its handling. */
export interface Secured {
  readonly security: { readonly [name: string]: Scope[] }[]
  readonly middleware: [MiddlewareHandler<ApiEnv>]
}

/** An operation for keys with `scope`; to be spread into its contract. */
export function secured(scope: Scope): Secured {
  return { security: [{ apiKey: [scope] }], middleware: [requireScope(scope)] }
}

/** Refuses keys without `scope`. */
export function requireScope(scope: Scope): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(async (context, next) => {
    const { scopes } = context.var.principal
    if (!allows(scopes, scope)) throw new MissingScopeError(scope, scopes)
    await next()
  })
}
