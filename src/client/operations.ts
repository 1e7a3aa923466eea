/** How an operation of the API is called. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With `{name}` for what differs from call to call. */
  readonly path: string
  /** Whether it changes something, so that each call carries an Idempotency-Key. */
  readonly hasEffect: boolean
}

const get = (path: string): Operation => ({ method: 'GET', path, hasEffect: false })
const ask = (path: string): Operation => ({ method: 'POST', path, hasEffect: false })
const act = (path: string): Operation => ({ method: 'POST', path, hasEffect: true })

/** Every operation, under the name it has in /openapi.json and in the client. */
export const OPERATIONS = {
  validate: ask('/v1/workflows/validate'),
  quote: ask('/v1/quotes'),
  createRun: act('/v1/runs'),
  listRuns: get('/v1/runs'),
  getRun: get('/v1/runs/{id}'),
  getDefinition: get('/v1/runs/{id}/definition'),
  listEvents: get('/v1/runs/{id}/events'),
  cancel: act('/v1/runs/{id}/cancel'),
  pause: act('/v1/runs/{id}/pause'),
  resume: act('/v1/runs/{id}/resume'),
  signal: act('/v1/runs/{id}/signals'),
  listFiles: get('/v1/runs/{id}/files'),
  downloadFile: get('/v1/runs/{id}/files/{path}'),
  listJournal: get('/v1/events'),
  wallet: get('/v1/wallet'),
  transfers: get('/v1/transfers'),
  prices: get('/v1/prices'),
  listQueue: get('/v1/queue'),
  listPools: get('/v1/queue/pools'),
  queueLoad: get('/v1/queue/load'),
  listLimits: get('/v1/queue/limits'),
  setLimit: act('/v1/queue/limits'),
  listShares: get('/v1/queue/shares'),
  setShare: act('/v1/queue/shares'),
  listWorkers: get('/v1/workers'),
  drainWorker: act('/v1/workers/{id}/drain'),
  models: get('/v1/models'),
  stepKinds: get('/v1/step-kinds'),
  workflowSchema: get('/v1/schemas/workflow'),
  createKey: act('/v1/keys'),
  listKeys: get('/v1/keys'),
  revokeKey: { method: 'DELETE', path: '/v1/keys/{id}', hasEffect: true },
  health: get('/v1/health'),
  ready: get('/v1/ready'),
} as const satisfies Readonly<Record<string, Operation>>

/** Methods of the client that are another view of an operation: events as they happen. */
export const STREAMED = { watchRun: 'listEvents', watchJournal: 'listJournal' } as const
