import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import { runRecord, runState } from '../../workflow/index.ts'
import { decodeCursor, idPlace, listQuery, toPage } from '../cursor.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import { jsonSchema, runPage, runRequest } from '../schema.ts'
import { sendJson } from '../send.ts'

import { findDefinition, viewerOf } from './named-workflow.ts'
import { runParams } from './parameters.ts'

const createRun = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/runs',
  operationId: 'createRun',
  summary: 'Sets the budget aside and begins a run',
  tags: ['runs'],
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: runRequest } } },
  },
  responses: {
    201: {
      description: 'The run has begun; Location names it',
      content: { 'application/json': { schema: runRecord } },
    },
  },
})

const listRuns = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs',
  operationId: 'listRuns',
  summary: 'Lists runs, newest first',
  tags: ['runs'],
  request: {
    query: listQuery.extend({
      status: runState.optional(),
      name: z
        .string()
        .min(1)
        .max(64)
        .regex(/^\P{Cc}+$/u)
        .optional()
        .describe('Of the workflow'),
    }),
  },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: runPage } } },
  },
})

const getRun = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs/{id}',
  operationId: 'getRun',
  summary: 'Gives a run as it is now',
  tags: ['runs'],
  request: { params: runParams },
  responses: {
    200: { description: 'The run', content: { 'application/json': { schema: runRecord } } },
  },
})

const getDefinition = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs/{id}/definition',
  operationId: 'getDefinition',
  summary: 'Gives the definition that a run is pinned to',
  tags: ['runs'],
  request: { params: runParams },
  responses: {
    200: { description: 'The definition', content: { 'application/json': { schema: jsonSchema } } },
  },
})

/** Routes under `/v1/runs` that make, list and show runs. */
export function runRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const { workflows, library, ids } = deps
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(createRun, async (context) => {
    const { inputs = {}, budget, queue, ...named } = context.req.valid('json')
    const { principal, effect: once } = context.var
    const { tenant } = principal
    const { definition, granted } = await findDefinition(deps, principal, named)
    // A run of this id that exists was begun by an earlier try of this request.
    const id = once === undefined ? ids.next('run') : (`run_${once.digits}` as const)
    // Pinned before it is there: a crash in between leaves a pin of no run, and no run without one.
    if (granted !== undefined) await library.pin(id, granted)
    const run = await workflows.submit({
      tenant,
      definition,
      inputs,
      ...(budget !== undefined && { budget }),
      ...(queue !== undefined && { queue }),
      id,
    })
    context.status(201)
    context.header('location', `/v1/runs/${run.id}`)
    return sendJson(context, runRecord, run)
  })
  app.openapi(listRuns, async (context) => {
    const { cursor, limit, status, name } = context.req.valid('query')
    const before = decodeCursor(idPlace, cursor)
    const found = await workflows.listRuns({
      tenant: context.var.principal.tenant,
      limit: limit + 1,
      ...(before !== undefined && { before }),
      ...(status !== undefined && { status }),
      ...(name !== undefined && { name }),
    })
    return sendJson(context, runPage, toPage(found, { limit, placeOf: ({ id }) => id }))
  })
  app.openapi(getRun, async (context) => {
    const { id } = context.req.valid('param')
    return sendJson(context, runRecord, await workflows.getRun(context.var.principal.tenant, id))
  })
  app.openapi(getDefinition, async (context) => {
    const { id } = context.req.valid('param')
    const body = await library.definitionOfRun(viewerOf(context.var.principal), id)
    return sendJson(context, jsonSchema, body)
  })
  return app
}
