import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import { newSecret, rotation, secretName, secretRecord } from '../../vault/index.ts'
import { decodeCursor, listQuery, toPage } from '../cursor.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import { secretPage } from '../schema.ts'
import { sendJson } from '../send.ts'

const secretAnswer = {
  200: {
    description: 'The secret, without its value',
    content: { 'application/json': { schema: secretRecord } },
  },
}

const setSecret = createRoute({
  ...effect('admin'),
  method: 'post',
  path: '/v1/secrets',
  operationId: 'setSecret',
  summary: 'Keeps a secret, or gives it another value; the value is never shown again',
  tags: ['secrets'],
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: newSecret } } },
  },
  responses: secretAnswer,
})

const listSecrets = createRoute({
  ...secured('admin'),
  method: 'get',
  path: '/v1/secrets',
  operationId: 'listSecrets',
  summary: 'Lists the secrets of the tenant by name, without their values',
  tags: ['secrets'],
  request: { query: listQuery },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: secretPage } } },
  },
})

const removeSecret = createRoute({
  ...effect('admin'),
  method: 'delete',
  path: '/v1/secrets/{name}',
  operationId: 'removeSecret',
  summary: 'Forgets a secret',
  tags: ['secrets'],
  request: { params: z.object({ name: secretName }), headers: idempotencyHeader },
  responses: secretAnswer,
})

const rotateSecrets = createRoute({
  ...effect('admin'),
  method: 'post',
  path: '/v1/secrets/rotate',
  operationId: 'rotateSecrets',
  summary: 'Gives the tenant a new key and wraps its secrets by it, or finishes what was cut off',
  tags: ['secrets'],
  request: { headers: idempotencyHeader },
  responses: {
    200: {
      description: 'What was done',
      content: { 'application/json': { schema: rotation } },
    },
  },
})

/** Routes of secrets. No answer holds a value. */
export function secretRoutes({ vault }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(setSecret, async (context) => {
    const { tenant } = context.var.principal
    return sendJson(context, secretRecord, await vault.setSecret(tenant, context.req.valid('json')))
  })
  app.openapi(listSecrets, async (context) => {
    const { cursor, limit } = context.req.valid('query')
    const after = decodeCursor(secretName, cursor)
    const { tenant } = context.var.principal
    const range = { tenant, limit: limit + 1, ...(after !== undefined && { after }) }
    const found = await vault.listSecrets(range)
    return sendJson(context, secretPage, toPage(found, { limit, placeOf: ({ name }) => name }))
  })
  app.openapi(removeSecret, async (context) => {
    const { tenant } = context.var.principal
    const { name } = context.req.valid('param')
    return sendJson(context, secretRecord, await vault.removeSecret(tenant, name))
  })
  app.openapi(rotateSecrets, async (context) => {
    const { tenant } = context.var.principal
    return sendJson(context, rotation, await vault.rotate(tenant))
  })
  return app
}
