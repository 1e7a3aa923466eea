import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { z } from 'zod'

import {
  bundleText,
  convertDefinition,
  converted,
  convertRequest,
  importBundleRequest,
  importedBundle,
  signer,
  trustSignerRequest,
} from '../../library/index.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { effect, idempotencyHeader } from '../middleware/idempotent.ts'
import { signerPage } from '../schema.ts'
import { sendJson } from '../send.ts'

import { jsonAnswer, jsonBodyOf } from './contract.ts'
import { askedBy, nameParams, ownerQuery, viewerOf } from './named-workflow.ts'

const tags = ['library']

const exportBundle = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/workflows/{name}/bundle',
  operationId: 'exportBundle',
  summary: 'Gives a saved workflow with its versions as one signed text',
  tags,
  request: { params: nameParams, query: ownerQuery },
  responses: { 200: jsonAnswer('The bundle; every byte of its text counts', bundleText) },
})

const importBundle = createRoute({
  ...effect('run'),
  method: 'post',
  path: '/v1/bundles',
  operationId: 'importBundle',
  summary: 'Takes a bundle in, if its signature fits and its signer is trusted',
  tags,
  request: { headers: idempotencyHeader, body: jsonBodyOf(importBundleRequest) },
  responses: { 201: jsonAnswer('The workflow, and the modules it needs', importedBundle) },
})

const convert = createRoute({
  ...secured('read'),
  method: 'post',
  path: '/v1/conversions',
  operationId: 'convertDefinition',
  summary: 'Brings a workflow of another system over, and says what does not fit',
  tags,
  request: { body: jsonBodyOf(convertRequest) },
  responses: { 200: jsonAnswer('The definition and the findings; nothing is saved', converted) },
})

const listSigners = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/signers',
  operationId: 'listSigners',
  summary: 'Lists the key of this installation and those whose bundles are taken in',
  tags,
  responses: { 200: jsonAnswer('All of them', signerPage) },
})

const trustSigner = createRoute({
  ...effect('admin'),
  method: 'post',
  path: '/v1/signers',
  operationId: 'trustSigner',
  summary: 'Trusts a key from now on',
  tags,
  request: { headers: idempotencyHeader, body: jsonBodyOf(trustSignerRequest) },
  responses: { 200: jsonAnswer('The key', signer) },
})

const distrustSigner = createRoute({
  ...effect('admin'),
  method: 'delete',
  path: '/v1/signers/{id}',
  operationId: 'distrustSigner',
  summary: 'Trusts a key no longer',
  tags,
  request: {
    headers: idempotencyHeader,
    params: z.object({ id: z.string().regex(/^[0-9a-f]{16}$/) }),
  },
  responses: { 200: jsonAnswer('The key as it was', signer) },
})

/** Routes of bundles, their signers, and workflows of other systems. */
export function bundleRoutes({ bundles }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(exportBundle, async (context) => {
    const { principal } = context.var
    const asked = askedBy(principal, context.req.valid('param'), context.req.valid('query'))
    return sendJson(context, bundleText, { text: await bundles.export(...asked) })
  })
  app.openapi(importBundle, async (context) => {
    const viewer = viewerOf(context.var.principal)
    const taken = await bundles.import(viewer, context.req.valid('json'))
    context.status(201)
    context.header('location', `/v1/workflows/${taken.workflow.name}`)
    return sendJson(context, importedBundle, taken)
  })
  app.openapi(convert, (context) =>
    sendJson(context, converted, convertDefinition(context.req.valid('json'))),
  )
  app.openapi(listSigners, async (context) => {
    const found = await bundles.listSigners(context.var.principal.tenant)
    return sendJson(context, signerPage, { items: [...found] })
  })
  app.openapi(trustSigner, async (context) => {
    const { tenant } = context.var.principal
    return sendJson(context, signer, await bundles.trust(tenant, context.req.valid('json')))
  })
  app.openapi(distrustSigner, async (context) => {
    const { tenant } = context.var.principal
    return sendJson(context, signer, await bundles.distrust(tenant, context.req.valid('param').id))
  })
  return app
}
