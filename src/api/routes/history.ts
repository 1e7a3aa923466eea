import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import {
  explanation,
  forkPlan,
  forkRequest,
  moment,
  redrivePage,
  redriveRequest,
  runRecord,
  upgradeCheckRequest,
  upgradePage,
  upgradeRequest,
  verification,
} from '../../workflow/index.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import { sendJson } from '../send.ts'

import { runParams } from './parameters.ts'

type Answer<Schema extends z.ZodType> = {
  readonly description: string
  readonly content: { readonly 'application/json': { readonly schema: Schema } }
}

const json = <Schema extends z.ZodType>(description: string, schema: Schema): Answer<Schema> => ({
  description,
  content: { 'application/json': { schema } },
})
const body = <Schema extends z.ZodType>(
  schema: Schema,
): { required: true; content: { 'application/json': { schema: Schema } } } => ({
  required: true,
  content: { 'application/json': { schema } },
})

const getMoment = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs/{id}/moments/{place}',
  operationId: 'getMoment',
  summary: 'Gives a run at one place of its history: what a step saw, and what changed',
  tags: ['history'],
  request: {
    params: runParams.extend({
      place: z
        .string()
        .regex(/^[A-Za-z0-9_]{1,64}(?:\[\d{1,9}\])?$/)
        .describe('A version, a step, or an item: `read[7]`; of a step, its latest event'),
    }),
  },
  responses: { 200: json('The moment', moment) },
})

const verifyRun = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs/{id}/verification',
  operationId: 'verifyRun',
  summary: 'Compares everything stored of a run with the fold of its history',
  tags: ['history'],
  request: { params: runParams },
  responses: { 200: json('What was found', verification) },
})

const explainRun = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs/{id}/why',
  operationId: 'explainRun',
  summary: 'Says what a run waits for, since when, and what would help',
  tags: ['history'],
  request: { params: runParams },
  responses: { 200: json('The reasons', explanation) },
})

const planFork = createRoute({
  ...secured('read'),
  method: 'post',
  path: '/v1/runs/{id}/fork/plan',
  operationId: 'planFork',
  summary: 'Says which results a fork would take over, and which steps it would begin anew',
  tags: ['history'],
  request: { params: runParams, body: body(forkRequest) },
  responses: { 200: json('The plan', forkPlan) },
})

const forkRun = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/runs/{id}/fork',
  operationId: 'forkRun',
  summary: 'Begins a run with the results that another one has had up to a step',
  tags: ['history'],
  request: { params: runParams, headers: idempotencyHeader, body: body(forkRequest) },
  responses: { 201: json('The new run has begun; Location names it', runRecord) },
})

const checkUpgrades = createRoute({
  ...secured('read'),
  method: 'post',
  path: '/v1/upgrades/check',
  operationId: 'checkUpgrades',
  summary: 'Replays unfinished runs under another definition and says what it would mean to each',
  tags: ['history'],
  request: { body: body(upgradeCheckRequest) },
  responses: { 200: json('A page of reports', upgradePage) },
})

const upgradeRun = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/runs/{id}/upgrade',
  operationId: 'upgradeRun',
  summary: 'Asks a run that is paused, waits or has failed to go on under another definition',
  tags: ['history'],
  request: { params: runParams, headers: idempotencyHeader, body: body(upgradeRequest) },
  responses: { 202: json('Accepted; the run as it is now', runRecord) },
})

const redrive = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/redrives',
  operationId: 'redrive',
  summary: 'Asks failed runs to go on from what is done, page by page',
  tags: ['history'],
  request: { headers: idempotencyHeader, body: body(redriveRequest) },
  responses: { 202: json('What became of each', redrivePage) },
})

/** Routes of what was: looking back, going on from there, and why a run stands still. */
export function historyRoutes({ history }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(getMoment, async (context) => {
    const { id, place } = context.req.valid('param')
    const { tenant } = context.var.principal
    return sendJson(context, moment, await history.momentAt(tenant, id, place))
  })
  app.openapi(verifyRun, async (context) => {
    const { id } = context.req.valid('param')
    return sendJson(context, verification, await history.verify(context.var.principal.tenant, id))
  })
  app.openapi(explainRun, async (context) => {
    const { id } = context.req.valid('param')
    return sendJson(context, explanation, await history.explain(context.var.principal.tenant, id))
  })
  app.openapi(planFork, async (context) => {
    const { id: run } = context.req.valid('param')
    const { tenant } = context.var.principal
    const plan = await history.planFork({ tenant, run, ...context.req.valid('json') })
    return sendJson(context, forkPlan, plan)
  })
  app.openapi(forkRun, async (context) => {
    const { id: source } = context.req.valid('param')
    const { tenant } = context.var.principal
    const once = context.var.effect
    const run = await history.fork({
      tenant,
      run: source,
      ...context.req.valid('json'),
      ...(once !== undefined && { id: `run_${once.digits}` as const }),
    })
    context.status(201)
    context.header('location', `/v1/runs/${run.id}`)
    return sendJson(context, runRecord, run)
  })
  addBulk(app, history)
  return app
}

/** Routes that hold a definition against runs, or many runs at once. */
function addBulk(app: OpenAPIHono<ApiEnv>, history: ApiDeps['history']): void {
  app.openapi(checkUpgrades, async (context) => {
    const { tenant } = context.var.principal
    const page = await history.checkUpgrades({ tenant, ...context.req.valid('json') })
    return sendJson(context, upgradePage, page)
  })
  app.openapi(upgradeRun, async (context) => {
    const { id: run } = context.req.valid('param')
    const { tenant, id: by } = context.var.principal
    const { definition } = context.req.valid('json')
    const record = await history.upgrade({ tenant, run, definition, by })
    context.status(202)
    return sendJson(context, runRecord, record)
  })
  app.openapi(redrive, async (context) => {
    const { tenant, id: by } = context.var.principal
    const page = await history.redrive({ tenant, by, ...context.req.valid('json') })
    context.status(202)
    return sendJson(context, redrivePage, page)
  })
}
