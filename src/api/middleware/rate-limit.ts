import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'

import type { ApiDeps, ApiEnv } from '../deps.ts'
import { TooManyRequestsError } from '../errors.ts'

import { createTokenBuckets } from './token-bucket.ts'

const DEFAULT_RATE = { perSecond: 50, burst: 100 }

/** Slows down keys that send too much; health is never refused. */
export function rateLimit({ clock, options }: ApiDeps): MiddlewareHandler<ApiEnv> {
  const take = createTokenBuckets(clock, options?.rate ?? DEFAULT_RATE)
  return createMiddleware<ApiEnv>(async (context, next) => {
    const principal: ApiEnv['Variables']['principal'] | undefined = context.var.principal
    const waitMs = principal === undefined ? undefined : take(principal.id)
    if (waitMs !== undefined) throw new TooManyRequestsError(waitMs)
    await next()
  })
}
