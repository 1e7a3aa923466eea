import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'

import type { JsonObject } from '../kernel/json.ts'

import type { ApiDeps, ApiEnv } from './deps.ts'
import { openApiDocument } from './docs/document.ts'
import { ClientGoneError, MethodNotAllowedError, UnknownPathError } from './errors.ts'
import { withLive } from './events/live.ts'
import { createIdempotency } from './idempotency/idempotency.ts'
import { authenticate } from './middleware/authenticate.ts'
import { allowOrigins, securityHeaders } from './middleware/headers.ts'
import { jsonBody } from './middleware/json-body.ts'
import { rateLimit } from './middleware/rate-limit.ts'
import { requestLog } from './middleware/request-log.ts'
import { problemResponse, toProblem } from './problem.ts'
import { breakerRoutes } from './routes/breakers.ts'
import { bundleRoutes } from './routes/bundles.ts'
import { catalogueRoutes } from './routes/catalogue.ts'
import { chunkRoutes } from './routes/chunks.ts'
import { docsRoutes } from './routes/docs.ts'
import { eventRoutes } from './routes/events.ts'
import { fileRoutes } from './routes/files.ts'
import { healthRoutes } from './routes/health.ts'
import { historyRoutes } from './routes/history.ts'
import { hookRoutes } from './routes/hooks.ts'
import { keyRoutes } from './routes/keys.ts'
import { libraryEditRoutes } from './routes/library-edits.ts'
import { libraryRoutes } from './routes/library.ts'
import { moneyRoutes } from './routes/money.ts'
import { invalidPart } from './routes/parameters.ts'
import { progressRoutes } from './routes/progress.ts'
import { promiseRoutes } from './routes/promises.ts'
import { queueRoutes } from './routes/queue.ts'
import { rollbackRoutes } from './routes/rollback.ts'
import { runControlRoutes } from './routes/run-control.ts'
import { runRoutes } from './routes/runs.ts'
import { scheduleControlRoutes } from './routes/schedule-control.ts'
import { scheduleFireRoutes } from './routes/schedule-fires.ts'
import { scheduleRoutes } from './routes/schedules.ts'
import { secretRoutes } from './routes/secrets.ts'
import { templateRoutes } from './routes/templates.ts'
import { workflowRoutes } from './routes/workflows.ts'

const DEFAULT_BODY_LIMIT_BYTES = 1_048_576

/** Parts of a request as they are named to people. */
const PARTS: Readonly<Record<string, string>> = { json: 'body', param: 'path' }

/** Builds the HTTP application; it opens no port, so tests and the local CLI call `app.request()`. */
export function createApi(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>({
    defaultHook(result) {
      if (result.success) return
      throw invalidPart(PARTS[result.target] ?? result.target, result.error.issues)
    },
  })
  addMiddleware(app, deps)
  const routes = [
    workflowRoutes,
    libraryRoutes,
    libraryEditRoutes,
    bundleRoutes,
    templateRoutes,
    runRoutes,
    runControlRoutes,
    historyRoutes,
    eventRoutes,
    chunkRoutes,
    fileRoutes,
    scheduleRoutes,
    scheduleControlRoutes,
    scheduleFireRoutes,
    hookRoutes,
    progressRoutes,
    promiseRoutes,
    moneyRoutes,
    catalogueRoutes,
    queueRoutes,
    breakerRoutes,
    rollbackRoutes,
    keyRoutes,
    secretRoutes,
    healthRoutes,
  ]
  const live = withLive(deps)
  for (const open of routes) app.route('/', open(live))
  let document: JsonObject | undefined
  app.route(
    '/',
    docsRoutes(() => (document ??= openApiDocument(app, deps.version))),
  )
  app.notFound((context) => answer(deps, context, new UnknownPathError(context.req.path)))
  app.onError((fault, context) => answer(deps, context, fault))
  return app
}

function addMiddleware(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const { auth, options = {} } = deps
  const { corsOrigins = [], bodyLimitBytes = DEFAULT_BODY_LIMIT_BYTES } = options
  const idempotency = createIdempotency({ ...deps, store: deps.idempotency })
  app.use(requestLog(deps))
  app.use(securityHeaders)
  if (corsOrigins.length > 0) app.use(allowOrigins(corsOrigins))
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (context, methods) =>
        problemOf(context, new MethodNotAllowedError(context.req.method, methods)),
    }),
  )
  app.use('/v1/*', authenticate(deps))
  if (auth.kind === 'keys') app.use('/v1/*', rateLimit(deps))
  app.use('/v1/*', jsonBody(bodyLimitBytes))
  app.use('/v1/*', async (context, next) => {
    context.set('idempotency', idempotency)
    await next()
  })
}

/** The one place where faults of requests are logged. */
function answer(deps: ApiDeps, context: Context<ApiEnv>, fault: Error): Response {
  const response = problemOf(context, isDeparture(context, fault) ? new ClientGoneError() : fault)
  if (response.status < 500) return response
  const { requestId } = context.var
  deps.log.error('api.fault', fault, { request: requestId, status: response.status })
  return response
}

/** Whether a request failed because its client left, and for no other reason. */
function isDeparture({ req }: Context<ApiEnv>, fault: Error): boolean {
  const { aborted, reason } = req.raw.signal
  return aborted && (fault === reason || fault.name === 'AbortError')
}

function problemOf(context: Context<ApiEnv>, fault: Error): Response {
  return problemResponse(toProblem(fault, context.var.requestId))
}
