import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import {
  createdSchedule,
  firesPreview,
  newSchedule,
  previewRequest,
  schedule,
  scheduleSchema,
  scheduleStatus,
  scheduleUpdate,
} from '../../workflow/index.ts'
import { decodeCursor, listQuery, toPage } from '../cursor.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import { jsonSchema, schedulePage } from '../schema.ts'
import { sendJson } from '../send.ts'

import { scheduleParams } from './parameters.ts'

const createSchedule = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/schedules',
  operationId: 'createSchedule',
  summary: 'Makes a schedule; a secret of its webhook is shown this once',
  tags: ['schedules'],
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: newSchedule } } },
  },
  responses: {
    201: {
      description: 'The schedule',
      content: { 'application/json': { schema: createdSchedule } },
    },
  },
})

const updateSchedule = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/schedules/{id}',
  operationId: 'updateSchedule',
  summary: 'Sets a new version of a schedule; what was due is decided by the old one',
  tags: ['schedules'],
  request: {
    params: scheduleParams,
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: scheduleUpdate } } },
  },
  responses: {
    200: {
      description: 'The schedule',
      content: { 'application/json': { schema: createdSchedule } },
    },
  },
})

const listSchedules = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/schedules',
  operationId: 'listSchedules',
  summary: 'Lists schedules by name',
  tags: ['schedules'],
  request: { query: listQuery.extend({ status: scheduleStatus.optional() }) },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: schedulePage } } },
  },
})

const getSchedule = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/schedules/{id}',
  operationId: 'getSchedule',
  summary: 'Gives a schedule as it is now',
  tags: ['schedules'],
  request: { params: scheduleParams },
  responses: {
    200: { description: 'The schedule', content: { 'application/json': { schema: schedule } } },
  },
})

const previewSchedule = createRoute({
  ...secured('read'),
  method: 'post',
  path: '/v1/schedule-previews',
  operationId: 'previewSchedule',
  summary: 'Says when a schedule would fire, without keeping it',
  tags: ['schedules'],
  request: {
    body: { required: true, content: { 'application/json': { schema: previewRequest } } },
  },
  responses: {
    200: { description: 'Its times', content: { 'application/json': { schema: firesPreview } } },
  },
})

const getScheduleSchema = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/schemas/schedule',
  operationId: 'scheduleSchema',
  summary: 'Gives the JSON Schema of schedules in files, for editors',
  tags: ['catalogue'],
  responses: {
    200: { description: 'The schema', content: { 'application/json': { schema: jsonSchema } } },
  },
})

const namePlace = z.string().regex(/^[\w-]{1,64}$/)

/** Routes under `/v1/schedules` that make, list and show schedules. */
export function scheduleRoutes({ schedules }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(createSchedule, async (context) => {
    const { tenant, id: by } = context.var.principal
    const digits = context.var.effect?.digits
    const once = digits !== undefined && ({ id: `sch_${digits}` } as const)
    const made = await schedules.create({ tenant, by, ...context.req.valid('json'), ...once })
    context.set('isSecret', made.hook !== undefined)
    context.status(201)
    context.header('location', `/v1/schedules/${made.schedule.id}`)
    return sendJson(context, createdSchedule, made)
  })
  app.openapi(updateSchedule, async (context) => {
    const { tenant, id: by } = context.var.principal
    const { id } = context.req.valid('param')
    const { definition, spec } = context.req.valid('json')
    const made = await schedules.update({
      tenant,
      by,
      schedule: id,
      ...(definition !== undefined && { definition }),
      ...(spec !== undefined && { spec }),
    })
    context.set('isSecret', made.hook !== undefined)
    return sendJson(context, createdSchedule, made)
  })
  app.openapi(listSchedules, async (context) => {
    const { cursor, limit, status } = context.req.valid('query')
    const after = decodeCursor(namePlace, cursor)
    const found = await schedules.list({
      tenant: context.var.principal.tenant,
      limit: limit + 1,
      ...(after !== undefined && { after }),
      ...(status !== undefined && { status }),
    })
    return sendJson(context, schedulePage, toPage(found, { limit, placeOf: ({ name }) => name }))
  })
  app.openapi(getSchedule, async (context) => {
    const { id } = context.req.valid('param')
    return sendJson(context, schedule, await schedules.get(context.var.principal.tenant, id))
  })
  app.openapi(previewSchedule, (context) =>
    sendJson(context, firesPreview, schedules.preview(context.req.valid('json'))),
  )
  app.openapi(getScheduleSchema, (context) => sendJson(context, jsonSchema, scheduleSchema()))
  return app
}
