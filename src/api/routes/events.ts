import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import type { StoredEvent } from '../../kernel/journal.ts'
import type { ApiEnv } from '../deps.ts'
import { runChunks, tenantChunks, toEvent } from '../events/chunks.ts'
import { wantsStream } from '../events/event-streams.ts'
import type { LiveDeps } from '../events/live.ts'
import { secured } from '../middleware/authenticate.ts'
import { type Event, eventPage } from '../schema.ts'
import { sendJson } from '../send.ts'

import {
  journalQuery,
  placeHeader,
  runEventsHeader,
  runEventsQuery,
  runParams,
} from './parameters.ts'

const answers = {
  200: {
    description:
      'A page; or with `Accept: text/event-stream` each event as it happens, its id being its ' +
      'place. A stream of a run ends with `event: end`.',
    content: {
      'application/json': { schema: eventPage },
      'text/event-stream': { schema: z.string() },
    },
  },
} as const

const listEvents = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs/{id}/events',
  operationId: 'listEvents',
  summary: 'Gives what happened to a run, as a page or as it happens',
  tags: ['runs'],
  request: { params: runParams, query: runEventsQuery, headers: runEventsHeader },
  responses: answers,
})

const listJournal = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/events',
  operationId: 'listJournal',
  summary: 'Gives everything that happened to a tenant, as a page or as it happens',
  tags: ['journal'],
  request: { query: journalQuery, headers: placeHeader },
  responses: answers,
})

/** Routes of the journal. */
export function eventRoutes({ workflows, journal, feeds, stream }: LiveDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(listEvents, async (context) => {
    const { tenant } = context.var.principal
    const { limit, after: queried } = context.req.valid('query')
    const { 'Last-Event-ID': after = queried } = context.req.valid('header')
    // Also keeps one tenant from reading the stream of another.
    const run = await workflows.getRun(tenant, context.req.valid('param').id)
    if (wantsStream(context)) {
      return stream(context, (signal) => runChunks(feeds, run, { after, signal }))
    }
    const found = await journal.read({ stream: run.id, afterVersion: after }, limit + 1)
    return sendJson(
      context,
      eventPage,
      pageOf(found, limit, ({ version }) => version),
    )
  })
  app.openapi(listJournal, async (context) => {
    const { tenant } = context.var.principal
    const { limit, after: queried } = context.req.valid('query')
    const { 'Last-Event-ID': after = queried } = context.req.valid('header')
    if (wantsStream(context)) {
      return stream(context, (signal) => tenantChunks(feeds, tenant, { after, signal }))
    }
    const found = await journal.read({ tenant, afterSeq: after }, limit + 1)
    return sendJson(
      context,
      eventPage,
      pageOf(found, limit, ({ seq }) => seq),
    )
  })
  return app
}

/** Here `next` is a place that people can read: it is what `after` takes. */
function pageOf(
  found: readonly StoredEvent[],
  limit: number,
  placeOf: (event: Event) => number,
): { items: Event[]; next?: string } {
  const items = found.slice(0, limit).map(toEvent)
  const last = items.at(-1)
  if (found.length <= limit || last === undefined) return { items }
  return { items, next: placeOf(last).toString() }
}
