import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { z } from 'zod'

import type { Scope } from '../../access/index.ts'
import type { ApiEnv } from '../deps.ts'
import { InvalidIdempotencyKeyError, ResponseNotKeptError } from '../idempotency/errors.ts'
import type { KeptResponse } from '../idempotency/store.ts'

import { requireScope, type Secured } from './authenticate.ts'

const KEY = /^[\x21-\x7e]{8,200}$/

/** The header of an operation that has an effect. */
export const idempotencyHeader = z.object({
  'Idempotency-Key': z
    .string()
    .min(8)
    .max(200)
    .optional()
    .describe('Names this request: sent again within 24 hours it has no second effect'),
})

/** What an operation with an effect says in its contract. */
export interface EffectContract extends Omit<Secured, 'middleware'> {
  readonly middleware: [MiddlewareHandler<ApiEnv>, MiddlewareHandler<ApiEnv>]
}

/** An operation for keys with `scope` that has an effect; to be spread into its contract. */
export function effect(scope: Scope): EffectContract {
  return { security: [{ apiKey: [scope] }], middleware: [requireScope(scope), idempotent] }
}

/** Answers a repeated request as the first time, and lets it act at most once. */
const idempotent: MiddlewareHandler<ApiEnv> = createMiddleware<ApiEnv>(async (context, next) => {
  const key = context.req.header('idempotency-key')
  if (key === undefined) {
    await next()
    return undefined
  }
  if (!KEY.test(key)) throw new InvalidIdempotencyKeyError()
  const { idempotency, principal, bodyText } = context.var
  const verdict = await idempotency.begin({
    tenant: principal.tenant,
    key,
    request: `${context.req.method} ${context.req.path}`,
    body: bodyText,
    signal: context.req.raw.signal,
  })
  if (verdict.kind === 'answered') return replay(verdict.response)
  context.set('effect', verdict.effect)
  await next()
  await idempotency.end(verdict, await keep(context.res, context.var.isSecret))
  return undefined
})

async function keep(response: Response, isSecret: boolean): Promise<KeptResponse> {
  return {
    status: response.status,
    body: isSecret ? undefined : await response.clone().text(),
    location: response.headers.get('location') ?? undefined,
  }
}

function replay({ status, body, location }: KeptResponse): Response {
  if (body === undefined) throw new ResponseNotKeptError()
  return new Response(body, {
    status,
    headers: {
      'content-type': 'application/json',
      'idempotent-replayed': 'true',
      ...(location !== undefined && { location }),
    },
  })
}
