import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import { incident, incidentState, rollbackPlan, runRecord } from '../../workflow/index.ts'
import { decodeCursor, idPlace, listQuery, toPage } from '../cursor.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import {
  incidentPage,
  incidentResolution,
  resolutionRequest,
  rollbackRequest,
  stepName,
} from '../schema.ts'
import { sendJson } from '../send.ts'

import { runParams } from './parameters.ts'

const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } })
const accepted = {
  202: {
    description: 'Accepted; the run as it is now, before its worker has heard of it',
    content: json(runRecord),
  },
} as const
const incidentParams = z.object({
  id: z
    .string()
    .regex(/^[\w-]{1,80}$/)
    .describe('`inc_…`'),
})

const planRollback = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs/{id}/rollback',
  operationId: 'planRollback',
  summary: 'Shows what a rollback would undo, in which order, what stays, and what it costs',
  tags: ['rollback'],
  request: { params: runParams, query: z.object({ to: stepName.optional() }) },
  responses: { 200: { description: 'The plan; nothing is done', content: json(rollbackPlan) } },
})

const rollBack = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/runs/{id}/rollback',
  operationId: 'rollBack',
  summary: 'Undoes what a paused or ended run did, all of it or back to a step',
  tags: ['rollback'],
  request: {
    params: runParams,
    headers: idempotencyHeader,
    body: { content: json(rollbackRequest) },
  },
  responses: accepted,
})

const resolve = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/runs/{id}/resolution',
  operationId: 'resolve',
  summary: 'Decides about a run that waits for a decision',
  tags: ['rollback'],
  request: {
    params: runParams,
    headers: idempotencyHeader,
    body: { required: true, content: json(resolutionRequest) },
  },
  responses: accepted,
})

const listIncidents = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/incidents',
  operationId: 'listIncidents',
  summary: 'Lists what people have to finish or decide, the latest first',
  tags: ['rollback'],
  request: {
    query: listQuery.extend({
      state: incidentState.optional(),
      run: runParams.shape.id.optional(),
    }),
  },
  responses: { 200: { description: 'A page', content: json(incidentPage) } },
})

const getIncident = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/incidents/{id}',
  operationId: 'getIncident',
  summary: 'Gives an incident with everything needed to finish it by hand',
  tags: ['rollback'],
  request: { params: incidentParams },
  responses: { 200: { description: 'The incident', content: json(incident) } },
})

const closeIncident = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/incidents/{id}/resolve',
  operationId: 'closeIncident',
  summary: 'Tells that an incident was finished by hand',
  tags: ['rollback'],
  request: {
    params: incidentParams,
    headers: idempotencyHeader,
    body: { content: json(incidentResolution) },
  },
  responses: {
    202: { description: 'Accepted; the incident as it is now', content: json(incident) },
  },
})

/** Routes of rollbacks and incidents. */
export function rollbackRoutes({ rollbacks }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(planRollback, async (context) => {
    const { to } = context.req.valid('query')
    const { id } = context.req.valid('param')
    const plan = await rollbacks.plan(context.var.principal.tenant, id, to)
    return sendJson(context, rollbackPlan, plan)
  })
  app.openapi(rollBack, async (context) => {
    const { to } = context.req.valid('json')
    const { tenant, id: by } = context.var.principal
    const { id } = context.req.valid('param')
    const run = await rollbacks.rollBack(tenant, id, { by, ...(to !== undefined && { to }) })
    context.status(202)
    return sendJson(context, runRecord, run)
  })
  app.openapi(resolve, async (context) => {
    const { resolution, note } = context.req.valid('json')
    const { tenant, id: by } = context.var.principal
    const { id } = context.req.valid('param')
    const more = note !== undefined && { note }
    const run = await rollbacks.resolve(tenant, id, { by, resolution, ...more })
    context.status(202)
    return sendJson(context, runRecord, run)
  })
  addIncidents(app, rollbacks)
  return app
}

function addIncidents(app: OpenAPIHono<ApiEnv>, rollbacks: ApiDeps['rollbacks']): void {
  app.openapi(listIncidents, async (context) => {
    const { cursor, limit, state, run } = context.req.valid('query')
    const before = decodeCursor(idPlace, cursor)
    const found = await rollbacks.listIncidents({
      tenant: context.var.principal.tenant,
      limit: limit + 1,
      ...(before !== undefined && { before }),
      ...(state !== undefined && { state }),
      ...(run !== undefined && { run }),
    })
    return sendJson(context, incidentPage, toPage(found, { limit, placeOf: ({ id }) => id }))
  })
  app.openapi(getIncident, async (context) => {
    const { id } = context.req.valid('param')
    const { tenant } = context.var.principal
    return sendJson(context, incident, await rollbacks.getIncident(tenant, id))
  })
  app.openapi(closeIncident, async (context) => {
    const { note } = context.req.valid('json')
    const { tenant, id: by } = context.var.principal
    const { id } = context.req.valid('param')
    const closing = { by, ...(note !== undefined && { note }) }
    context.status(202)
    return sendJson(context, incident, await rollbacks.closeIncident(tenant, id, closing))
  })
}
