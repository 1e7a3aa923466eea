import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { z } from 'zod'

import { decodeCursor, listQuery, toPage } from '../cursor.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { UnknownFileError } from '../errors.ts'
import { contentTypeOf, FILE_POLICY } from '../files/content-type.ts'
import type { OpenFile } from '../files/run-files.ts'
import { requireScope, secured } from '../middleware/authenticate.ts'
import { filePage } from '../schema.ts'
import { sendJson } from '../send.ts'

import { parsePart, runParams } from './parameters.ts'

const listFiles = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs/{id}/files',
  operationId: 'listFiles',
  summary: 'Lists the files of a run',
  tags: ['files'],
  request: { params: runParams, query: listQuery },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: filePage } } },
  },
})

const fileParams = runParams.extend({
  path: z.string().min(1).max(1_024).describe('May hold "/"'),
})

/** Only documented by this: the router's form of a path that holds "/" is not OpenAPI's. */
const downloadFile = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/runs/{id}/files/{path}',
  operationId: 'downloadFile',
  summary: 'Gives the content of a file',
  tags: ['files'],
  request: { params: fileParams },
  responses: {
    200: {
      description: 'The content, with the type that its name suggests',
      content: { 'application/octet-stream': { schema: z.string() } },
    },
  },
})

/** Routes of the files of runs. */
export function fileRoutes({ workflows, runFiles }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(listFiles, async (context) => {
    const { cursor, limit } = context.req.valid('query')
    const after = decodeCursor(z.string().min(1).max(1_024), cursor)
    const run = await workflows.getRun(context.var.principal.tenant, context.req.valid('param').id)
    const range = { limit: limit + 1, ...(after !== undefined && { after }) }
    const found = await runFiles.list(run.id, range)
    return sendJson(context, filePage, toPage(found, { limit, placeOf: ({ path }) => path }))
  })
  app.openAPIRegistry.registerPath(downloadFile)
  app.get('/v1/runs/:id/files/:path{.+}', requireScope('read'), async (context) => {
    const { id, path } = parsePart(fileParams, 'path', context.req.param())
    const run = await workflows.getRun(context.var.principal.tenant, id)
    const file = await runFiles.open(run.id, path)
    if (file === undefined) throw new UnknownFileError(run.id, path)
    return send(context, path, file)
  })
  return app
}

async function send(context: Context<ApiEnv>, path: string, file: OpenFile): Promise<Response> {
  const name = encodeURIComponent(path.slice(path.lastIndexOf('/') + 1))
  const headers = {
    'content-type': contentTypeOf(path),
    'content-length': file.sizeBytes.toString(),
    'content-disposition': `inline; filename*=UTF-8''${name}`,
    'content-security-policy': FILE_POLICY,
  }
  if (context.req.method !== 'HEAD') return new Response(file.body, { headers })
  await file.body.cancel()
  return new Response(null, { headers })
}
