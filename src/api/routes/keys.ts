import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import { apiKey, issuedApiKey, newApiKey } from '../../access/index.ts'
import { decodeCursor, idPlace, listQuery, toPage } from '../cursor.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import { keyPage } from '../schema.ts'
import { sendJson } from '../send.ts'

const createKey = createRoute({
  ...effect('admin'),
  method: 'post',
  path: '/v1/keys',
  operationId: 'createKey',
  summary: 'Makes a key; its token is shown this once',
  tags: ['keys'],
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: newApiKey } } },
  },
  responses: {
    201: {
      description: 'The key and its token',
      content: { 'application/json': { schema: issuedApiKey } },
    },
  },
})

const listKeys = createRoute({
  ...secured('admin'),
  method: 'get',
  path: '/v1/keys',
  operationId: 'listKeys',
  summary: 'Lists the keys of the tenant, newest first, without their tokens',
  tags: ['keys'],
  request: { query: listQuery },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: keyPage } } },
  },
})

const revokeKey = createRoute({
  ...effect('admin'),
  method: 'delete',
  path: '/v1/keys/{id}',
  operationId: 'revokeKey',
  summary: 'Revokes a key for good',
  tags: ['keys'],
  request: {
    params: z.object({
      id: z
        .string()
        .regex(/^[\w-]{1,64}$/)
        .describe('`key_…`'),
    }),
    headers: idempotencyHeader,
  },
  responses: {
    200: { description: 'The revoked key', content: { 'application/json': { schema: apiKey } } },
  },
})

/** Routes of API keys. */
export function keyRoutes({ access }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(createKey, async (context) => {
    const { tenant } = context.var.principal
    const digits = context.var.effect?.digits
    const once = digits !== undefined && ({ id: `key_${digits}` } as const)
    // A token is in one response, and in no table.
    context.set('isSecret', true)
    const issued = await access.createKey({ tenant, ...context.req.valid('json'), ...once })
    context.status(201)
    return sendJson(context, issuedApiKey, issued)
  })
  app.openapi(listKeys, async (context) => {
    const { cursor, limit } = context.req.valid('query')
    const before = decodeCursor(idPlace, cursor)
    const { tenant } = context.var.principal
    const range = { tenant, limit: limit + 1, ...(before !== undefined && { before }) }
    const found = await access.listKeys(range)
    return sendJson(context, keyPage, toPage(found, { limit, placeOf: ({ id }) => id }))
  })
  app.openapi(revokeKey, async (context) => {
    const { tenant } = context.var.principal
    return sendJson(context, apiKey, await access.revokeKey(tenant, context.req.valid('param').id))
  })
  return app
}
