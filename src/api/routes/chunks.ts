import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import type { JsonObject } from '../../kernel/json.ts'
import { didYouMean } from '../../kernel/nearest.ts'
import type { Chunk } from '../../workflow/index.ts'
import type { ApiEnv } from '../deps.ts'
import { InvalidRequestError } from '../errors.ts'
import { wantsStream } from '../events/event-streams.ts'
import type { LiveDeps } from '../events/live.ts'
import { createChunkFeeds, stepText } from '../events/step-text.ts'
import { secured } from '../middleware/authenticate.ts'
import { chunkPage } from '../schema.ts'
import { sendJson } from '../send.ts'

import { chunksQuery, placeHeader, runParams } from './parameters.ts'

const listChunks = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs/{id}/chunks',
  operationId: 'listChunks',
  summary: 'Gives the text that steps show while they work, as a page or as they write it',
  tags: ['runs'],
  request: { params: runParams, query: chunksQuery, headers: placeHeader },
  responses: {
    200: {
      description:
        'A page; or with `Accept: text/event-stream` each piece as it is written, its id being its ' +
        'place. `event: superseded` says that a step begins to write anew, `event: end` that the ' +
        'run, or the step that is asked for, has ended.',
      content: {
        'application/json': { schema: chunkPage },
        'text/event-stream': { schema: z.string() },
      },
    },
  },
})

/** The route of the text of steps. */
export function chunkRoutes(deps: LiveDeps): OpenAPIHono<ApiEnv> {
  const { workflows, chunks, stream } = deps
  const feeds = { chunks: createChunkFeeds(chunks), events: deps.feeds }
  return new OpenAPIHono<ApiEnv>().openapi(listChunks, async (context) => {
    const { tenant } = context.var.principal
    const { limit, after: queried, ...of } = context.req.valid('query')
    const { 'Last-Event-ID': after = queried } = context.req.valid('header')
    // Also keeps one tenant from reading the text of another.
    const { id: run } = await workflows.getRun(tenant, context.req.valid('param').id)
    const definition = await workflows.getDefinition(tenant, run)
    if (of.step !== undefined) checkStep(definition, of.step)
    if (wantsStream(context)) {
      return stream(context, (signal) =>
        stepText(feeds, { run, definition, ...of }, { after, signal }),
      )
    }
    const found = await chunks.read({ run, after, ...of }, limit + 1)
    return sendJson(context, chunkPage, pageOf(found, limit))
  })
}

function checkStep({ steps }: JsonObject, step: string): void {
  const known = typeof steps === 'object' && steps !== null ? Object.keys(steps) : []
  if (known.includes(step)) return
  const message = `the workflow has no step "${step}"${didYouMean(step, known)}`
  throw new InvalidRequestError('query', [{ path: 'step', message }])
}

function pageOf(found: readonly Chunk[], limit: number): z.output<typeof chunkPage> {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  if (found.length <= limit || last === undefined) return { items }
  return { items, next: last.seq.toString() }
}
