import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi'
import { z } from 'zod'

import type { Json, JsonObject } from '../../kernel/json.ts'
import type { ApiEnv } from '../deps.ts'
import { problemDocument } from '../schema.ts'

import { createSchemaBook, type SchemaBook } from './json-schemas.ts'

const DESCRIPTION =
  'Runs AI work on a shared, priced pool of compute: durable, quoted, paid for and audited. ' +
  'Money is in whole µFTNS as decimal strings, times are milliseconds since 1970.'

/**
 * The OpenAPI 3.1 document of all routes of an application.
 *
 * @remarks Written here rather than by zod-openapi, whose generator does not end on recursive
 * schemas such as `z.json()`.
 */
export function openApiDocument(app: OpenAPIHono<ApiEnv>, version: string): JsonObject {
  const book = createSchemaBook()
  const paths: Record<string, Record<string, Json>> = {}
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue
    const { route } = definition
    const path = (paths[route.path] ??= {})
    path[route.method] = operationOf(route, book)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'PRSM', version, description: DESCRIPTION, license: { name: 'MIT' } },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: book.schemas,
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'prsm_<id>_<secret>' },
      },
    },
  }
}

function operationOf(route: RouteConfig, book: SchemaBook): JsonObject {
  const { operationId = '', summary = '', tags = [], security = [], request, responses } = route
  const body = request?.body
  return {
    operationId,
    summary,
    tags,
    ...(security.length > 0 && { security: security.map((each) => ({ ...each })) }),
    parameters: [
      ...parametersOf('path', request?.params, book),
      ...parametersOf('query', request?.query, book),
      ...parametersOf('header', request?.headers, book),
    ],
    ...(body !== undefined && {
      requestBody: { required: body.required ?? false, content: contentOf(body.content, book) },
    }),
    responses: { ...responsesOf(responses, book), default: problemOf(book) },
  }
}

function parametersOf(
  place: 'path' | 'query' | 'header',
  schema: unknown,
  book: SchemaBook,
): readonly JsonObject[] {
  if (!(schema instanceof z.ZodObject)) return []
  return Object.entries(schema.shape).map(([name, each]) => {
    if (!(each instanceof z.ZodType)) throw new TypeError(`parameter ${name} has no schema`)
    const { description, ...json } = book.refer(each)
    const isRequired = place === 'path' || !each.safeParse(undefined).success
    return {
      name,
      in: place,
      required: isRequired,
      ...(description !== undefined && { description }),
      schema: json,
    }
  })
}

function contentOf(content: object, book: SchemaBook): JsonObject {
  return Object.fromEntries(
    Object.entries(content).map(([type, media]: [string, unknown]) => [
      type,
      hasSchema(media) ? { schema: book.refer(media.schema) } : {},
    ]),
  )
}

function hasSchema(media: unknown): media is { readonly schema: z.ZodType } {
  if (typeof media !== 'object' || media === null || !('schema' in media)) return false
  return media.schema instanceof z.ZodType
}

function responsesOf(responses: RouteConfig['responses'], book: SchemaBook): JsonObject {
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => {
      if ('$ref' in response) throw new TypeError(`response ${status} is a reference`)
      const { description = '', content = {} } = response
      return [status, { description, content: contentOf(content, book) }]
    }),
  )
}

function problemOf(book: SchemaBook): JsonObject {
  return {
    description: 'What is wrong, as a problem document (RFC 9457)',
    content: { 'application/problem+json': { schema: book.refer(problemDocument) } },
  }
}
