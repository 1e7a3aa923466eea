import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'

import { schedule, type ScheduleCall } from '../../workflow/index.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import { sendJson } from '../send.ts'

import { scheduleParams } from './parameters.ts'

const request = { params: scheduleParams, headers: idempotencyHeader }
const answer = {
  200: {
    description: 'The schedule as it is now',
    content: { 'application/json': { schema: schedule } },
  },
} as const

const pauseSchedule = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/schedules/{id}/pause',
  operationId: 'pauseSchedule',
  summary: 'Stops a schedule from firing; its runs go on',
  tags: ['schedules'],
  request,
  responses: answer,
})

const resumeSchedule = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/schedules/{id}/resume',
  operationId: 'resumeSchedule',
  summary: 'Lets a paused schedule fire again from now on',
  tags: ['schedules'],
  request,
  responses: answer,
})

const deleteSchedule = createRoute({
  ...effect('run'),
  method: 'delete',
  path: '/v1/schedules/{id}',
  operationId: 'deleteSchedule',
  summary: 'Ends a schedule for good; its runs go on, and its fires stay on record',
  tags: ['schedules'],
  request,
  responses: answer,
})

/** Routes that steer schedules. */
export function scheduleControlRoutes({ schedules }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(pauseSchedule, async (context) => {
    const call = callOf(context, context.req.valid('param').id)
    return sendJson(context, schedule, await schedules.pause(call))
  })
  app.openapi(resumeSchedule, async (context) => {
    const call = callOf(context, context.req.valid('param').id)
    return sendJson(context, schedule, await schedules.resume(call))
  })
  app.openapi(deleteSchedule, async (context) => {
    const call = callOf(context, context.req.valid('param').id)
    return sendJson(context, schedule, await schedules.remove(call))
  })
  return app
}

function callOf(context: Context<ApiEnv>, name: string): ScheduleCall {
  const { tenant, id: by } = context.var.principal
  return { tenant, by, schedule: name }
}
