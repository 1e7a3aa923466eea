import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'

import type { ApiDeps, ApiEnv } from '../deps.ts'

/** What a client may call its request. */
const REQUEST_ID = /^[\w-]{8,64}$/

/** Gives each request an id and a line in the log; no bodies, queries or names of files. */
export function requestLog({ clock, ids, log }: ApiDeps): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(async (context, next) => {
    const startedAt = clock.now()
    const given = context.req.header('x-request-id')
    const requestId =
      given !== undefined && REQUEST_ID.test(given) ? given : `req_${ids.next('work').slice(5)}`
    context.set('requestId', requestId)
    context.set('isSecret', false)
    context.set('effect', undefined)
    await next()
    context.res.headers.set('x-request-id', requestId)
    const { principal } = context.var
    log.info('api.request', {
      request: requestId,
      method: context.req.method,
      route: routePath(context, -1),
      status: context.res.status,
      ms: clock.now() - startedAt,
      // A request that was refused before it was known whose it is has none.
      ...(isKnown(principal) && { tenant: principal.tenant, key: principal.id }),
    })
  })
}

function isKnown(principal: ApiEnv['Variables']['principal'] | undefined): boolean {
  return principal !== undefined
}
