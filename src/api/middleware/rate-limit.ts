import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'

import type { ApiDeps, ApiEnv } from '../deps.ts'
import { TooManyRequestsError } from '../errors.ts'

import { createTokenBuckets } from './token-bucket.ts'

const DEFAULT_RATE = { perSecond: 50, burst: 100 }

/** A webhook, whatever secret stands behind it. */
const HOOK = /^\/v1\/hooks\/[^/]+/

/** Slows down keys and webhooks that send too much; health is never refused. */
export function rateLimit({ clock, options }: ApiDeps): MiddlewareHandler<ApiEnv> {
  const take = createTokenBuckets(clock, options?.rate ?? DEFAULT_RATE)
  return createMiddleware<ApiEnv>(async (context, next) => {
    const principal: ApiEnv['Variables']['principal'] | undefined = context.var.principal
    const name = principal?.id ?? HOOK.exec(context.req.path)?.[0]
    const waitMs = name === undefined ? undefined : take(name)
    if (waitMs !== undefined) throw new TooManyRequestsError(waitMs)
    await next()
  })
}
