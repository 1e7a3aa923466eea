import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import { queueLoad, queueStatus, workerRecord } from '../../workflow/index.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { OperatorOnlyError } from '../errors.ts'
import { secured } from '../middleware/authenticate.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import {
  drainRequest,
  limitList,
  limitRequest,
  poolList,
  queueList,
  shareList,
  shareRequest,
  workerList,
} from '../schema.ts'
import { sendJson } from '../send.ts'

const answers = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  200: { description, content: { 'application/json': { schema } } },
})

const listQueue = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/queue',
  operationId: 'listQueue',
  summary: 'Lists what waits for a worker, runs on one, or did lately',
  tags: ['queue'],
  request: {
    query: z.object({
      status: queueStatus.optional(),
      limit: z.coerce.number().int().min(1).max(1_000).default(200),
    }),
  },
  responses: answers('What waits first, in its order', queueList),
})

const listPools = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/queue/pools',
  operationId: 'listPools',
  summary: 'Gives every resource over all workers',
  tags: ['queue'],
  responses: answers('The resources', poolList),
})

const getLoad = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/queue/load',
  operationId: 'queueLoad',
  summary: 'Says how many workers are wanted, for an autoscaler',
  tags: ['queue'],
  responses: answers('The load', queueLoad),
})

const listLimits = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/queue/limits',
  operationId: 'listLimits',
  summary: 'Lists how much tenants and teams may use at once',
  tags: ['queue'],
  responses: answers('The limits that concern the tenant', limitList),
})

const setLimit = createRoute({
  ...effect('admin'),
  method: 'post',
  path: '/v1/queue/limits',
  operationId: 'setLimit',
  summary: 'Sets or takes away a limit; a key may do so for teams of its tenant',
  tags: ['queue'],
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: limitRequest } } },
  },
  responses: answers('The limits that concern the tenant', limitList),
})

const listShares = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/queue/shares',
  operationId: 'listShares',
  summary: 'Lists what tenants and teams are due beside others; 1 where none is set',
  tags: ['queue'],
  responses: answers('The shares of the tenant', shareList),
})

const setShare = createRoute({
  ...effect('admin'),
  method: 'post',
  path: '/v1/queue/shares',
  operationId: 'setShare',
  summary: 'Sets a share; a key may do so for teams of its tenant',
  tags: ['queue'],
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: shareRequest } } },
  },
  responses: answers('The shares of the tenant', shareList),
})

const listWorkers = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/workers',
  operationId: 'listWorkers',
  summary: 'Lists the processes that run steps',
  tags: ['queue'],
  responses: answers('The workers, the oldest first', workerList),
})

const drainWorker = createRoute({
  ...effect('admin'),
  method: 'post',
  path: '/v1/workers/{id}/drain',
  operationId: 'drainWorker',
  summary: 'Lets a worker take nothing more from the queue, or again; for operators',
  tags: ['queue'],
  request: {
    params: z.object({
      id: z
        .string()
        .regex(/^[\w-]{1,64}$/)
        .describe('`work_…`'),
    }),
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: drainRequest } } },
  },
  responses: answers('The worker', workerRecord),
})

/** Routes of the queue and of workers. */
export function queueRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  const { queue } = deps
  app.openapi(listQueue, async (context) => {
    const { status, limit } = context.req.valid('query')
    const { tenant } = context.var.principal
    const range = { limit, ...whoseQueue(deps, tenant), ...(status !== undefined && { status }) }
    return sendJson(context, queueList, { items: [...(await queue.list(range))] })
  })
  app.openapi(listPools, async (context) =>
    sendJson(context, poolList, { items: [...(await queue.pools())] }),
  )
  app.openapi(getLoad, async (context) => sendJson(context, queueLoad, await queue.load()))
  app.openapi(listWorkers, async (context) =>
    sendJson(context, workerList, { items: [...(await queue.workers())] }),
  )
  app.openapi(drainWorker, async (context) => {
    requireOperator(deps, 'drain a worker')
    const { id } = context.req.valid('param')
    const { draining } = context.req.valid('json')
    return sendJson(context, workerRecord, await queue.setDraining(id, draining))
  })
  addTerms(app, deps)
  return app
}

function addTerms(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const { queue } = deps
  const limitsOf = async (mine: string): Promise<z.output<typeof limitList>> => {
    const all = await queue.limits()
    const isOperator = deps.auth.kind === 'trusted'
    return { items: all.filter(({ tenant = mine }) => isOperator || tenant === mine) }
  }
  const sharesOf = async (mine: string): Promise<z.output<typeof shareList>> => {
    const all = await queue.shares()
    return { items: all.filter(({ tenant }) => deps.auth.kind === 'trusted' || tenant === mine) }
  }
  app.openapi(listLimits, async (context) =>
    sendJson(context, limitList, await limitsOf(context.var.principal.tenant)),
  )
  app.openapi(setLimit, async (context) => {
    const { amount, tenant, team, resource } = context.req.valid('json')
    const mine = context.var.principal.tenant
    if (tenant !== mine || team === undefined) requireOperator(deps, 'limit more than a team')
    await queue.setLimit({
      resource,
      ...(tenant !== undefined && { tenant }),
      ...(team !== undefined && { team }),
      ...(amount !== null && { amount }),
    })
    return sendJson(context, limitList, await limitsOf(mine))
  })
  app.openapi(listShares, async (context) =>
    sendJson(context, shareList, await sharesOf(context.var.principal.tenant)),
  )
  app.openapi(setShare, async (context) => {
    const share = context.req.valid('json')
    const mine = context.var.principal.tenant
    if (share.tenant !== mine || share.team === undefined)
      requireOperator(deps, 'set the share of more than a team')
    await queue.setShare(share)
    return sendJson(context, shareList, await sharesOf(mine))
  })
}

/** A key sees the work of its tenant; whoever has the process sees all of it. */
function whoseQueue({ auth }: ApiDeps, tenant: string): { readonly tenant?: string } {
  return auth.kind === 'trusted' ? {} : { tenant }
}

/** What concerns other tenants is for whoever runs the platform: commands on the database itself. */
function requireOperator({ auth }: ApiDeps, what: string): void {
  if (auth.kind !== 'trusted') throw new OperatorOnlyError(what)
}
