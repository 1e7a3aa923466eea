import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import { alert, newSla, sla, slaReport } from '../../progress/index.ts'
import { decodeCursor, idPlace, listQuery, toPage } from '../cursor.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import { alertPage, slaPage } from '../schema.ts'
import { sendJson } from '../send.ts'

import { periodQuery, sinceOf } from './parameters.ts'

const setSla = createRoute({
  ...effect('admin'),
  method: 'post',
  path: '/v1/slas',
  operationId: 'setSla',
  summary: 'Says what is promised of the runs of a workflow, in place of what was',
  tags: ['promises'],
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: newSla } } },
  },
  responses: {
    200: { description: 'The promise', content: { 'application/json': { schema: sla } } },
  },
})

const listSlas = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/slas',
  operationId: 'listSlas',
  summary: 'Lists what is promised, by workflow',
  tags: ['promises'],
  responses: {
    200: { description: 'All of them', content: { 'application/json': { schema: slaPage } } },
  },
})

const removeSla = createRoute({
  ...effect('admin'),
  method: 'delete',
  path: '/v1/slas/{workflow}',
  operationId: 'removeSla',
  summary: 'Promises nothing of a workflow any more',
  tags: ['promises'],
  request: {
    params: z.object({ workflow: newSla.shape.workflow }),
    headers: idempotencyHeader,
  },
  responses: {
    200: { description: 'What is left', content: { 'application/json': { schema: slaPage } } },
  },
})

const reportSlas = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/sla-report',
  operationId: 'slaReport',
  summary: 'Says how well promises were kept by runs that ended in a period',
  tags: ['promises'],
  request: { query: periodQuery },
  responses: {
    200: { description: 'The report', content: { 'application/json': { schema: slaReport } } },
  },
})

const listAlerts = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/alerts',
  operationId: 'listAlerts',
  summary: 'Lists alerts, newest first; looks at every promise before',
  tags: ['promises'],
  request: {
    query: listQuery.extend({
      open: z.enum(['true', 'false']).optional().describe('Only those that are (not) resolved'),
    }),
  },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: alertPage } } },
  },
})

const alertParams = z.object({ id: idPlace.describe('`alrt_…`') })
const marked = {
  200: { description: 'The alert', content: { 'application/json': { schema: alert } } },
} as const

const acknowledgeAlert = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/alerts/{id}/acknowledge',
  operationId: 'acknowledgeAlert',
  summary: 'Says that somebody has seen an alert',
  tags: ['promises'],
  request: { params: alertParams, headers: idempotencyHeader },
  responses: marked,
})

const resolveAlert = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/alerts/{id}/resolve',
  operationId: 'resolveAlert',
  summary: 'Says that the matter of an alert is settled',
  tags: ['promises'],
  request: { params: alertParams, headers: idempotencyHeader },
  responses: marked,
})

const alertPlace = z.strictObject({ at: z.int(), id: idPlace })

/** Routes of promises and alerts. */
export function promiseRoutes({ progress, clock }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(setSla, async (context) => {
    const { tenant } = context.var.principal
    return sendJson(context, sla, await progress.setSla(tenant, context.req.valid('json')))
  })
  app.openapi(listSlas, async (context) => {
    const items = [...(await progress.listSlas(context.var.principal.tenant))]
    return sendJson(context, slaPage, { items })
  })
  app.openapi(removeSla, async (context) => {
    const { tenant } = context.var.principal
    await progress.removeSla(tenant, context.req.valid('param').workflow)
    return sendJson(context, slaPage, { items: [...(await progress.listSlas(tenant))] })
  })
  app.openapi(reportSlas, async (context) => {
    const { tenant } = context.var.principal
    const { workflow, since } = context.req.valid('query')
    const request = { tenant, workflow, since: sinceOf(since, clock) }
    return sendJson(context, slaReport, await progress.reportSlas(request))
  })
  app.openapi(listAlerts, async (context) => {
    const { cursor, limit, open } = context.req.valid('query')
    const before = decodeCursor(alertPlace, cursor)
    const found = await progress.listAlerts({
      tenant: context.var.principal.tenant,
      limit: limit + 1,
      before,
      ...(open !== undefined && { isOpen: open === 'true' }),
    })
    const page = toPage(found, { limit, placeOf: ({ raisedAt: at, id }) => ({ at, id }) })
    return sendJson(context, alertPage, page)
  })
  app.openapi(acknowledgeAlert, async (context) => {
    const { tenant, id: by } = context.var.principal
    const { id } = context.req.valid('param')
    const mark = { tenant, id, by, action: 'acknowledge' } as const
    return sendJson(context, alert, await progress.markAlert(mark))
  })
  app.openapi(resolveAlert, async (context) => {
    const { tenant, id: by } = context.var.principal
    const { id } = context.req.valid('param')
    const mark = { tenant, id, by, action: 'resolve' } as const
    return sendJson(context, alert, await progress.markAlert(mark))
  })
  return app
}
