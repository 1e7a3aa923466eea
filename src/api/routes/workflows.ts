import { createRoute, OpenAPIHono } from '@hono/zod-openapi'

import type { JsonObject } from '../../kernel/json.ts'
import { type Problem, quote } from '../../workflow/index.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { runRequest, validateRequest, validation } from '../schema.ts'
import { sendJson } from '../send.ts'

import { findDefinition } from './named-workflow.ts'

const validate = createRoute({
  ...secured('read'),
  method: 'post',
  path: '/v1/workflows/validate',
  operationId: 'validate',
  summary: 'Checks a definition and lists everything that is wrong with it',
  tags: ['workflows'],
  request: {
    body: { required: true, content: { 'application/json': { schema: validateRequest } } },
  },
  responses: {
    200: { description: 'The verdict', content: { 'application/json': { schema: validation } } },
  },
})

const createQuote = createRoute({
  ...secured('read'),
  method: 'post',
  path: '/v1/quotes',
  operationId: 'quote',
  summary: 'Tells what a run is expected to cost, and the most it may',
  tags: ['workflows'],
  request: { body: { required: true, content: { 'application/json': { schema: runRequest } } } },
  responses: {
    200: { description: 'The quote', content: { 'application/json': { schema: quote } } },
  },
})

/** Routes of definitions. */
export function workflowRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const { workflows } = deps
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(validate, (context) => {
    const request = context.req.valid('json')
    const problems =
      'text' in request
        ? problemsIn(workflows, request.text, request.file)
        : problemsInJson(workflows, request.definition, request.file)
    return sendJson(context, validation, { valid: problems.length === 0, problems })
  })
  app.openapi(createQuote, async (context) => {
    const { inputs = {}, budget, ...named } = context.req.valid('json')
    const { principal } = context.var
    const { definition } = await findDefinition(deps, principal, named)
    const { tenant } = principal
    const request = { tenant, definition, inputs, ...(budget !== undefined && { budget }) }
    return sendJson(context, quote, await workflows.quote(request))
  })
  return app
}

function problemsIn(
  workflows: ApiDeps['workflows'],
  text: string,
  file: string | undefined,
): Problem[] {
  const checked = workflows.check(text, file)
  return checked.ok ? [] : [...checked.refusal]
}

/** JSON that came as a value has no lines of its own. */
function problemsInJson(
  workflows: ApiDeps['workflows'],
  definition: JsonObject,
  file: string | undefined,
): Problem[] {
  return problemsIn(workflows, JSON.stringify(definition), file).map(
    ({ line: _line, column: _column, ...problem }) => problem,
  )
}
