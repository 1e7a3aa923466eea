import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import type { Json } from '../../kernel/json.ts'
import { delivery } from '../../workflow/index.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { sendJson } from '../send.ts'

const id = z
  .string()
  .regex(/^[\w-]{1,64}$/)
  .describe('`sch_…`')
const secret = z.string().regex(/^[\w-]{1,200}$/)
const text = z.string().max(2_000).optional()
const json: z.ZodType<Json> = z.json()

const headers = z.object({
  'webhook-id': text.describe('Names the delivery; one that was accepted is not accepted again'),
})
const signedHeaders = headers.extend({
  'webhook-timestamp': text.describe('When it was sent, in seconds since 1970'),
  'webhook-signature': text.describe('`v1,` and the signature in base64'),
})
const body = { required: true, content: { 'application/json': { schema: json } } }
const responses = {
  202: {
    description: 'Accepted; the run it begins',
    content: { 'application/json': { schema: delivery } },
  },
} as const

const deliver = createRoute({
  method: 'post',
  path: '/v1/hooks/{id}/{secret}',
  operationId: 'deliver',
  summary: 'Fires a schedule whose webhook has a secret in its path',
  tags: ['schedules'],
  request: { params: z.object({ id, secret }), headers, body },
  responses,
})

const deliverSigned = createRoute({
  method: 'post',
  path: '/v1/hooks/{id}',
  operationId: 'deliverSigned',
  summary: 'Fires a schedule whose webhook takes signed deliveries',
  tags: ['schedules'],
  request: { params: z.object({ id }), headers: signedHeaders, body },
  responses,
})

/** Routes by which others fire schedules; they take no key. */
export function hookRoutes({ schedules }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(deliver, async (context) => {
    const params = context.req.valid('param')
    const given = context.req.valid('header')
    const accepted = await schedules.deliver({
      schedule: params.id,
      secret: params.secret,
      headers: { id: given['webhook-id'], timestamp: undefined, signature: undefined },
      text: context.var.bodyText,
      body: context.req.valid('json'),
    })
    context.status(202)
    return sendJson(context, delivery, accepted)
  })
  app.openapi(deliverSigned, async (context) => {
    const given = context.req.valid('header')
    const accepted = await schedules.deliver({
      schedule: context.req.valid('param').id,
      secret: undefined,
      headers: {
        id: given['webhook-id'],
        timestamp: given['webhook-timestamp'],
        signature: given['webhook-signature'],
      },
      text: context.var.bodyText,
      body: context.req.valid('json'),
    })
    context.status(202)
    return sendJson(context, delivery, accepted)
  })
  return app
}
