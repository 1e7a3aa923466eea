import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import { bottlenecks, runProgress, stats, timeline, traceFormat } from '../../progress/index.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { jsonSchema } from '../schema.ts'
import { sendJson } from '../send.ts'

import { periodQuery, runParams, sinceOf } from './parameters.ts'

const getProgress = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs/{id}/progress',
  operationId: 'progress',
  summary: 'Says how far a run is, and when it is expected to be done',
  tags: ['progress'],
  request: { params: runParams },
  responses: {
    200: { description: 'The progress', content: { 'application/json': { schema: runProgress } } },
  },
})

const getTimeline = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs/{id}/timeline',
  operationId: 'timeline',
  summary: 'Gives what each unit of a run did, and when',
  tags: ['progress'],
  request: { params: runParams },
  responses: {
    200: { description: 'The timeline', content: { 'application/json': { schema: timeline } } },
  },
})

const getBottlenecks = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs/{id}/bottlenecks',
  operationId: 'bottlenecks',
  summary: 'Says why a run took as long as it did, and what would make it shorter',
  tags: ['progress'],
  request: { params: runParams },
  responses: {
    200: {
      description: 'The critical path, and what changes would gain',
      content: { 'application/json': { schema: bottlenecks } },
    },
  },
})

const getTrace = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs/{id}/trace',
  operationId: 'trace',
  summary: 'Gives a run as a trace that other tools open',
  tags: ['progress'],
  request: {
    params: runParams,
    query: z.object({
      format: traceFormat
        .default('chrome-trace')
        .describe('`chrome-trace`: Trace Event Format. `otel`: OTLP/JSON'),
    }),
  },
  responses: {
    200: {
      description: 'The trace, in the form of its format',
      content: { 'application/json': { schema: jsonSchema } },
    },
  },
})

const getStats = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/stats',
  operationId: 'stats',
  summary: 'Sums finished runs up: metrics, per step as well, and how they changed over time',
  tags: ['progress'],
  request: {
    query: periodQuery.extend({
      by: z.enum(['hour', 'day']).optional().describe('Of trends; by the length of the period'),
    }),
  },
  responses: {
    200: { description: 'The figures', content: { 'application/json': { schema: stats } } },
  },
})

/** Routes of what the journal tells of runs. */
export function progressRoutes({ workflows, progress, clock }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(getProgress, async (context) => {
    const { tenant } = context.var.principal
    const { id } = await workflows.getRun(tenant, context.req.valid('param').id)
    return sendJson(context, runProgress, await progress.progress(tenant, id))
  })
  app.openapi(getTimeline, async (context) => {
    const { tenant } = context.var.principal
    const { id } = await workflows.getRun(tenant, context.req.valid('param').id)
    return sendJson(context, timeline, await progress.timeline(tenant, id))
  })
  app.openapi(getBottlenecks, async (context) => {
    const { tenant } = context.var.principal
    const { id } = await workflows.getRun(tenant, context.req.valid('param').id)
    return sendJson(context, bottlenecks, await progress.bottlenecks(tenant, id))
  })
  app.openapi(getTrace, async (context) => {
    const { tenant } = context.var.principal
    const { id } = await workflows.getRun(tenant, context.req.valid('param').id)
    const { format } = context.req.valid('query')
    return sendJson(context, jsonSchema, await progress.trace(tenant, id, format))
  })
  app.openapi(getStats, async (context) => {
    const { tenant } = context.var.principal
    const { workflow, since, by } = context.req.valid('query')
    const request = { tenant, workflow, since: sinceOf(since, clock), by }
    return sendJson(context, stats, await progress.stats(request))
  })
  return app
}
