import { OpenAPIHono } from '@hono/zod-openapi'

import type { JsonObject } from '../../kernel/json.ts'
import type { ApiEnv } from '../deps.ts'
import { readDocsAsset } from '../docs/assets-fs.ts'
import { DOCS_PAGE, DOCS_POLICY, DOCS_SCRIPT } from '../docs/page.ts'
import { UnknownPathError } from '../errors.ts'

const HEADERS = { 'content-security-policy': DOCS_POLICY, 'cache-control': 'max-age=3600' }

/** The document and the page that shows it; they need no key, and reach for nothing outside. */
export function docsRoutes(readDocument: () => JsonObject): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.get('/openapi.json', () => Response.json(readDocument()))
  app.get('/docs', (context) => context.html(DOCS_PAGE, 200, HEADERS))
  app.get('/docs/start.js', (context) =>
    context.body(DOCS_SCRIPT, 200, { ...HEADERS, 'content-type': 'text/javascript' }),
  )
  app.get('/docs/:asset', async (context) => {
    const asset = await readDocsAsset(context.req.param('asset'))
    if (asset === undefined) throw new UnknownPathError(context.req.path)
    return context.body(asset.content, 200, { ...HEADERS, 'content-type': asset.type })
  })
  return app
}
