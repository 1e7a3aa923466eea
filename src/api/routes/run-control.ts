import { createRoute, OpenAPIHono } from '@hono/zod-openapi'

import type { Journal } from '../../kernel/journal.ts'
import { type Control, runRecord } from '../../workflow/index.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import { cancelRequest, resumeRequest, signalRequest } from '../schema.ts'
import { sendJson } from '../send.ts'

import { runParams } from './parameters.ts'

const accepted = {
  202: {
    description: 'Accepted; the run as it is now, before its worker has heard of it',
    content: { 'application/json': { schema: runRecord } },
  },
} as const

const cancel = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/runs/{id}/cancel',
  operationId: 'cancel',
  summary: 'Asks a run to stop and to undo what can be undone',
  tags: ['runs'],
  request: {
    params: runParams,
    headers: idempotencyHeader,
    body: { content: { 'application/json': { schema: cancelRequest } } },
  },
  responses: accepted,
})

const pause = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/runs/{id}/pause',
  operationId: 'pause',
  summary: 'Asks a run to begin nothing more; steps that run go on to their end',
  tags: ['runs'],
  request: { params: runParams, headers: idempotencyHeader },
  responses: accepted,
})

const resume = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/runs/{id}/resume',
  operationId: 'resume',
  summary: 'Asks a paused or failed run to go on, with a larger budget if one is given',
  tags: ['runs'],
  request: {
    params: runParams,
    headers: idempotencyHeader,
    body: { content: { 'application/json': { schema: resumeRequest } } },
  },
  responses: accepted,
})

const signal = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/runs/{id}/signals',
  operationId: 'signal',
  summary: 'Sends a message to a step that waits for it, or will',
  tags: ['runs'],
  request: {
    params: runParams,
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: signalRequest } } },
  },
  responses: accepted,
})

/** Routes that steer runs. */
export function runControlRoutes({ workflows, journal }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(cancel, async (context) => {
    const { reason } = context.req.valid('json')
    const { tenant, id: by } = context.var.principal
    const request: Control = { action: 'cancel', by, ...(reason !== undefined && { reason }) }
    const run = await workflows.control(tenant, context.req.valid('param').id, request)
    context.status(202)
    return sendJson(context, runRecord, run)
  })
  app.openapi(pause, async (context) => {
    const { tenant, id: by } = context.var.principal
    const { id } = context.req.valid('param')
    context.status(202)
    return sendJson(
      context,
      runRecord,
      await workflows.control(tenant, id, { action: 'pause', by }),
    )
  })
  app.openapi(resume, async (context) => {
    const { budget } = context.req.valid('json')
    const { tenant, id: by } = context.var.principal
    const request: Control = { action: 'resume', by, ...(budget !== undefined && { budget }) }
    const run = await workflows.control(tenant, context.req.valid('param').id, request)
    context.status(202)
    return sendJson(context, runRecord, run)
  })
  app.openapi(signal, async (context) => {
    const { payload = null, step, index, ...letter } = context.req.valid('json')
    const { tenant, id: by } = context.var.principal
    const { id: run } = context.req.valid('param')
    const once = context.var.effect
    const id = once === undefined ? undefined : (`sig_${once.digits}` as const)
    const place = { ...(step !== undefined && { step }), ...(index !== undefined && { index }) }
    const request = { tenant, run, ...letter, ...place, payload, by }
    const isDone =
      id !== undefined && once?.isRepeat === true && (await wasReceived(journal, run, id))
    if (!isDone) await workflows.signal({ ...request, ...(id !== undefined && { id }) })
    context.status(202)
    return sendJson(context, runRecord, await workflows.getRun(tenant, run))
  })
  return app
}

const PAGE = 500

/** Whether a run has received a signal already; asked only when a request may be a repeat. */
async function wasReceived(journal: Journal, run: string, id: string): Promise<boolean> {
  for (let afterVersion = 0; ;) {
    const page = await journal.read({ stream: run, afterVersion }, PAGE)
    if (page.some(({ kind, data }) => kind === 'signal.received' && data['id'] === id)) return true
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return false
    afterVersion = last.version
  }
}
