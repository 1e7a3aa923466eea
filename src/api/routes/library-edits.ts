import { createRoute, OpenAPIHono } from '@hono/zod-openapi'

import {
  forkRequest,
  pruned,
  pruneRequest,
  restoreRequest,
  savedWorkflow,
  saveWorkflowRequest,
  shareWorkflowRequest,
  tagName,
  tagRequest,
} from '../../library/index.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import { sendJson } from '../send.ts'

import { jsonAnswer, jsonBodyOf } from './contract.ts'
import { askedBy, nameParams, ownerQuery, viewerOf } from './named-workflow.ts'

const tags = ['library']
/** The request of a change of one workflow, and its answer. */
const named = { headers: idempotencyHeader, params: nameParams, query: ownerQuery }
const afterwards = { 200: jsonAnswer('The workflow as it is then', savedWorkflow) }

const saveWorkflow = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/workflows',
  operationId: 'saveWorkflow',
  summary: 'Saves a definition as the newest version of a workflow',
  tags,
  request: { headers: idempotencyHeader, body: jsonBodyOf(saveWorkflowRequest) },
  responses: { 201: jsonAnswer('The workflow as it is then', savedWorkflow) },
})

const deleteWorkflow = createRoute({
  ...effect('run'),
  method: 'delete',
  path: '/v1/workflows/{name}',
  operationId: 'deleteWorkflow',
  summary: 'Removes a saved workflow with all its versions',
  tags,
  request: named,
  responses: { 200: jsonAnswer('The workflow as it was', savedWorkflow) },
})

const untagVersion = createRoute({
  ...effect('run'),
  method: 'delete',
  path: '/v1/workflows/{name}/tags/{tag}',
  operationId: 'untagVersion',
  summary: 'Takes a tag away',
  tags,
  request: { ...named, params: nameParams.extend({ tag: tagName }) },
  responses: afterwards,
})

const restoreVersion = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/workflows/{name}/restore',
  operationId: 'restoreVersion',
  summary: 'Makes an older version the newest again',
  tags,
  request: { ...named, body: jsonBodyOf(restoreRequest) },
  responses: afterwards,
})

const tagVersion = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/workflows/{name}/tags',
  operationId: 'tagVersion',
  summary: 'Puts a tag at a version, wherever it was before',
  tags,
  request: { ...named, body: jsonBodyOf(tagRequest) },
  responses: afterwards,
})

const archiveWorkflow = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/workflows/{name}/archive',
  operationId: 'archiveWorkflow',
  summary: 'Archives a workflow: it is neither run nor changed',
  tags,
  request: named,
  responses: afterwards,
})

const unarchiveWorkflow = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/workflows/{name}/unarchive',
  operationId: 'unarchiveWorkflow',
  summary: 'Takes an archived workflow back',
  tags,
  request: named,
  responses: afterwards,
})

const shareWorkflow = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/workflows/{name}/share',
  operationId: 'shareWorkflow',
  summary: 'Sets who else may do what with a workflow',
  tags,
  request: { ...named, body: jsonBodyOf(shareWorkflowRequest) },
  responses: afterwards,
})

const forkWorkflow = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/workflows/{name}/fork',
  operationId: 'forkWorkflow',
  summary: 'Makes a workflow of one’s own out of one that may be forked',
  tags,
  request: { ...named, body: jsonBodyOf(forkRequest) },
  responses: afterwards,
})

const buyWorkflow = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/workflows/{name}/buy',
  operationId: 'buyWorkflow',
  summary: 'Buys the right to read, run and fork a workflow, once for the tenant',
  tags,
  request: named,
  responses: afterwards,
})

const pruneVersions = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/workflows/{name}/prune',
  operationId: 'pruneVersions',
  summary: 'Removes old versions that have no tag and no run',
  tags,
  request: { ...named, body: jsonBodyOf(pruneRequest) },
  responses: { 200: jsonAnswer('What went', pruned) },
})

/** Routes that change saved workflows. */
export function libraryEditRoutes({ library }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  addVersionRoutes(app, library)
  addSharingRoutes(app, library)
  return app
}

type Library = ApiDeps['library']

function addVersionRoutes(app: OpenAPIHono<ApiEnv>, library: Library): void {
  app.openapi(saveWorkflow, async (context) => {
    const viewer = viewerOf(context.var.principal)
    const saved = await library.save(viewer, context.req.valid('json'))
    context.status(201)
    context.header('location', `/v1/workflows/${saved.name}`)
    return sendJson(context, savedWorkflow, saved)
  })
  app.openapi(restoreVersion, async (context) => {
    const restored = await library.restore(
      ...askedBy(context.var.principal, context.req.valid('param'), context.req.valid('query')),
      context.req.valid('json'),
    )
    return sendJson(context, savedWorkflow, restored)
  })
  app.openapi(tagVersion, async (context) => {
    const tagged = await library.tag(
      ...askedBy(context.var.principal, context.req.valid('param'), context.req.valid('query')),
      context.req.valid('json'),
    )
    return sendJson(context, savedWorkflow, tagged)
  })
  app.openapi(untagVersion, async (context) => {
    const { tag } = context.req.valid('param')
    return sendJson(
      context,
      savedWorkflow,
      await library.untag(
        ...askedBy(context.var.principal, context.req.valid('param'), context.req.valid('query')),
        tag,
      ),
    )
  })
  app.openapi(pruneVersions, async (context) => {
    const gone = await library.prune(
      ...askedBy(context.var.principal, context.req.valid('param'), context.req.valid('query')),
      context.req.valid('json'),
    )
    return sendJson(context, pruned, gone)
  })
}

function addSharingRoutes(app: OpenAPIHono<ApiEnv>, library: Library): void {
  app.openapi(deleteWorkflow, async (context) => {
    const [viewer, reference] = askedBy(
      context.var.principal,
      context.req.valid('param'),
      context.req.valid('query'),
    )
    const before = await library.get(viewer, reference)
    await library.remove(viewer, reference)
    return sendJson(context, savedWorkflow, before)
  })
  for (const [route, isArchived] of [
    [archiveWorkflow, true],
    [unarchiveWorkflow, false],
  ] as const) {
    app.openapi(route, async (context) => {
      const changed = await library.setArchived(
        ...askedBy(context.var.principal, context.req.valid('param'), context.req.valid('query')),
        isArchived,
      )
      return sendJson(context, savedWorkflow, changed)
    })
  }
  app.openapi(shareWorkflow, async (context) => {
    const shared = await library.share(
      ...askedBy(context.var.principal, context.req.valid('param'), context.req.valid('query')),
      context.req.valid('json'),
    )
    return sendJson(context, savedWorkflow, shared)
  })
  app.openapi(forkWorkflow, async (context) => {
    const forked = await library.fork(
      ...askedBy(context.var.principal, context.req.valid('param'), context.req.valid('query')),
      context.req.valid('json'),
    )
    return sendJson(context, savedWorkflow, forked)
  })
  app.openapi(buyWorkflow, async (context) =>
    sendJson(
      context,
      savedWorkflow,
      await library.buy(
        ...askedBy(context.var.principal, context.req.valid('param'), context.req.valid('query')),
      ),
    ),
  )
}
