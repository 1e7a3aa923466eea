import { createRoute, OpenAPIHono } from '@hono/zod-openapi'

import type { BreakerRange } from '../../workflow/index.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { OperatorOnlyError } from '../errors.ts'
import { secured } from '../middleware/authenticate.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import { breakerList, breakerResetRequest } from '../schema.ts'
import { sendJson } from '../send.ts'

const listBreakers = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/breakers',
  operationId: 'listBreakers',
  summary: 'Lists what workers call outside, and whether they do at present',
  tags: ['queue'],
  responses: {
    200: {
      description: 'The circuits of every worker',
      content: { 'application/json': { schema: breakerList } },
    },
  },
})

const resetBreaker = createRoute({
  ...effect('admin'),
  method: 'post',
  path: '/v1/breakers/reset',
  operationId: 'resetBreaker',
  summary: 'Has the circuit of a dependency closed by every worker; a key, that of its own tenant',
  tags: ['queue'],
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: breakerResetRequest } } },
  },
  responses: {
    200: {
      description: 'The circuits that are meant, as they were',
      content: { 'application/json': { schema: breakerList } },
    },
  },
})

/** Routes of circuit breakers. */
export function breakerRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  const { breakers } = deps
  app.openapi(listBreakers, async (context) => {
    const items = await breakers.list(whose(deps, context.var.principal.tenant))
    return sendJson(context, breakerList, { items: [...items] })
  })
  app.openapi(resetBreaker, async (context) => {
    const { dependency } = context.req.valid('json')
    const range = whose(deps, context.var.principal.tenant)
    // What a model provider does concerns everybody who uses it.
    if (range.tenant !== undefined && dependency.startsWith('model:'))
      throw new OperatorOnlyError('reset the circuit of a model')
    return sendJson(context, breakerList, {
      items: [...(await breakers.reset({ dependency, ...range }))],
    })
  })
  return app
}

/** A key sees what its tenant calls; whoever has the process sees all of it. */
function whose({ auth }: ApiDeps, tenant: string): BreakerRange {
  return auth.kind === 'trusted' ? {} : { tenant }
}
