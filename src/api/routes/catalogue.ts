import { createRoute, OpenAPIHono } from '@hono/zod-openapi'

import type { JsonObject } from '../../kernel/json.ts'
import { type StepKinds, workflowSchema } from '../../workflow/index.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { secured } from '../middleware/authenticate.ts'
import { jsonSchema, modelList, type ModelProvider, stepKindPage } from '../schema.ts'
import { sendJson } from '../send.ts'

const listModels = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/models',
  operationId: 'models',
  summary: 'Lists the language models that can be named',
  tags: ['catalogue'],
  responses: {
    200: { description: 'The models', content: { 'application/json': { schema: modelList } } },
  },
})

const listStepKinds = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/step-kinds',
  operationId: 'stepKinds',
  summary: 'Lists what a step can do, with parameters and output',
  tags: ['catalogue'],
  responses: {
    200: { description: 'All of them', content: { 'application/json': { schema: stepKindPage } } },
  },
})

const getWorkflowSchema = createRoute({
  ...secured('read'),
  method: 'get',
  path: '/v1/schemas/workflow',
  operationId: 'workflowSchema',
  summary: 'Gives the JSON Schema of definitions, for editors',
  tags: ['catalogue'],
  responses: {
    200: { description: 'The schema', content: { 'application/json': { schema: jsonSchema } } },
  },
})

/** Routes of what can be named in a definition. */
export function catalogueRoutes({ models, kinds }: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(listModels, (context) => {
    const notice = models.defaultNotice()
    return sendJson(context, modelList, {
      items: models.listProviders().map(toModelProvider),
      default: models.resolve(),
      ...(notice !== undefined && { notice }),
    })
  })
  app.openapi(listStepKinds, (context) => {
    const items = [...kinds.values()].map(({ name, summary, parameters, gives }) => ({
      name,
      summary,
      parameters,
      gives,
    }))
    return sendJson(context, stepKindPage, { items })
  })
  app.openapi(getWorkflowSchema, (context) => sendJson(context, jsonSchema, schemaOf(kinds)))
  return app
}

/** Of use to an editor now and then: made when it is asked for. */
const schemaOf = (kinds: StepKinds): JsonObject => workflowSchema([...kinds.values()])

function toModelProvider(
  status: ReturnType<ApiDeps['models']['listProviders']>[number],
): ModelProvider {
  const { name, kind, isReady, keyNames, defaultModel, models } = status
  return {
    name,
    kind,
    isReady,
    keyNames: [...keyNames],
    ...(defaultModel !== undefined && { defaultModel }),
    models: [...models],
  }
}
