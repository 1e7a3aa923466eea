import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import {
  backfill,
  backfillRequest,
  firesPreview,
  fireStatus,
  triggerRequest,
} from '../../workflow/index.ts'
import { decodeCursor, listQuery, toPage } from '../cursor.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import { firePage, scheduleVersionPage } from '../schema.ts'
import { sendJson } from '../send.ts'

import { scheduleParams } from './parameters.ts'

const triggerSchedule = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/schedules/{id}/trigger',
  operationId: 'triggerSchedule',
  summary: 'Fires a schedule by hand, or tries its parked fires again',
  tags: ['schedules'],
  request: {
    params: scheduleParams,
    headers: idempotencyHeader,
    body: { content: { 'application/json': { schema: triggerRequest } } },
  },
  responses: {
    200: { description: 'The fires', content: { 'application/json': { schema: firePage } } },
  },
})

const backfillSchedule = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/schedules/{id}/backfill',
  operationId: 'backfillSchedule',
  summary: 'Fires for the times of a range that have not fired, each once',
  tags: ['schedules'],
  request: {
    params: scheduleParams,
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: backfillRequest } } },
  },
  responses: {
    200: { description: 'What it does', content: { 'application/json': { schema: backfill } } },
  },
})

const listFires = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/schedules/{id}/fires',
  operationId: 'listFires',
  summary: 'Lists the fires of a schedule, latest first',
  tags: ['schedules'],
  request: { params: scheduleParams, query: listQuery.extend({ status: fireStatus.optional() }) },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: firePage } } },
  },
})

const listVersions = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/schedules/{id}/versions',
  operationId: 'listScheduleVersions',
  summary: 'Lists the versions of a schedule, latest first',
  tags: ['schedules'],
  request: { params: scheduleParams },
  responses: {
    200: {
      description: 'All of them',
      content: { 'application/json': { schema: scheduleVersionPage } },
    },
  },
})

const nextFires = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/schedules/{id}/next',
  operationId: 'nextFires',
  summary: 'Says when a schedule fires next',
  tags: ['schedules'],
  request: {
    params: scheduleParams,
    query: z.object({
      count: z.coerce.number().int().min(1).max(1_000).default(10).describe('Times at most'),
    }),
  },
  responses: {
    200: { description: 'Its times', content: { 'application/json': { schema: firesPreview } } },
  },
})

const firePlace = z.strictObject({ scheduledAt: z.int(), key: z.string().max(200) })

/** Routes of what schedules did and will do. */
export function scheduleFireRoutes({ schedules }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(triggerSchedule, async (context) => {
    const { tenant, id: by } = context.var.principal
    const { inputs, parked } = context.req.valid('json')
    const digits = context.var.effect?.digits
    const items = await schedules.trigger({
      tenant,
      by,
      schedule: context.req.valid('param').id,
      ...(inputs !== undefined && { inputs }),
      ...(parked !== undefined && { parked }),
      ...(digits !== undefined && { fire: digits }),
    })
    return sendJson(context, firePage, { items: [...items] })
  })
  app.openapi(backfillSchedule, async (context) => {
    const { tenant, id: by } = context.var.principal
    const { id } = context.req.valid('param')
    const call = { ...context.req.valid('json'), tenant, by, schedule: id }
    return sendJson(context, backfill, await schedules.backfill(call))
  })
  app.openapi(listFires, async (context) => {
    const { cursor, limit, status } = context.req.valid('query')
    const before = decodeCursor(firePlace, cursor)
    const { id } = context.req.valid('param')
    const found = await schedules.listFires(context.var.principal.tenant, id, {
      limit: limit + 1,
      ...(before !== undefined && { before }),
      ...(status !== undefined && { status }),
    })
    const placeOf = ({ scheduledAt, key }: (typeof found)[number]): typeof before & object => ({
      scheduledAt,
      key,
    })
    return sendJson(context, firePage, toPage(found, { limit, placeOf }))
  })
  app.openapi(listVersions, async (context) => {
    const { id } = context.req.valid('param')
    const items = await schedules.listVersions(context.var.principal.tenant, id)
    return sendJson(context, scheduleVersionPage, { items: [...items] })
  })
  app.openapi(nextFires, async (context) => {
    const { id } = context.req.valid('param')
    const { count } = context.req.valid('query')
    const found = await schedules.next(context.var.principal.tenant, id, count)
    return sendJson(context, firesPreview, found)
  })
  return app
}
