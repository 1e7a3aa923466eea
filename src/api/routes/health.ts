import { createRoute, OpenAPIHono } from '@hono/zod-openapi'

import { deferred } from '../../kernel/deferred.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { NotReadyError } from '../errors.ts'
import { health } from '../schema.ts'
import { sendJson } from '../send.ts'

/** How long the database may take to answer, milliseconds. */
const PING_MS = 2_000

const getHealth = createRoute({
  method: 'get',
  path: '/v1/health',
  operationId: 'health',
  summary: 'Tells that the server lives',
  tags: ['health'],
  responses: {
    200: { description: 'It does', content: { 'application/json': { schema: health } } },
  },
})

const getReady = createRoute({
  method: 'get',
  path: '/v1/ready',
  operationId: 'ready',
  summary: 'Tells whether the server can work: its database answers, and it is not closing',
  tags: ['health'],
  responses: {
    200: { description: 'It can', content: { 'application/json': { schema: health } } },
  },
})

/** Routes for whoever watches over the server; they need no key. */
export function healthRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const { version } = deps
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(getHealth, (context) => sendJson(context, health, { status: 'ok', version }))
  app.openapi(getReady, async (context) => {
    await checkReady(deps)
    return sendJson(context, health, { status: 'ok', version })
  })
  return app
}

async function checkReady({ ping, clock, closing }: ApiDeps): Promise<void> {
  if (closing?.aborted === true) throw new NotReadyError('it is closing')
  const late = deferred<never>()
  const cancel = clock.after(PING_MS, () => late.reject(new Error(`no answer in ${PING_MS} ms`)))
  try {
    await Promise.race([ping(), late.promise])
  } catch (fault) {
    throw new NotReadyError('the database does not answer', fault)
  } finally {
    cancel()
  }
}
