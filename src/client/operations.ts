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
const remove = (path: string): Operation => ({ method: 'DELETE', path, hasEffect: true })

/** Every operation, under the name it has in /openapi.json and in the client. */
export const OPERATIONS = {
  validate: ask('/v1/workflows/validate'),
  quote: ask('/v1/quotes'),
  saveWorkflow: act('/v1/workflows'),
  listWorkflows: get('/v1/workflows'),
  getWorkflow: get('/v1/workflows/{name}'),
  deleteWorkflow: remove('/v1/workflows/{name}'),
  listVersions: get('/v1/workflows/{name}/versions'),
  getVersion: get('/v1/workflows/{name}/versions/{version}'),
  getOutline: get('/v1/workflows/{name}/versions/{version}/outline'),
  diffVersions: get('/v1/workflows/{name}/versions/{version}/diff'),
  restoreVersion: act('/v1/workflows/{name}/restore'),
  tagVersion: act('/v1/workflows/{name}/tags'),
  untagVersion: remove('/v1/workflows/{name}/tags/{tag}'),
  archiveWorkflow: act('/v1/workflows/{name}/archive'),
  unarchiveWorkflow: act('/v1/workflows/{name}/unarchive'),
  shareWorkflow: act('/v1/workflows/{name}/share'),
  forkWorkflow: act('/v1/workflows/{name}/fork'),
  buyWorkflow: act('/v1/workflows/{name}/buy'),
  pruneVersions: act('/v1/workflows/{name}/prune'),
  checkUpgrade: ask('/v1/workflows/{name}/upgrade-check'),
  libraryUsage: get('/v1/library'),
  createTemplate: act('/v1/templates'),
  listTemplates: get('/v1/templates'),
  getTemplate: get('/v1/templates/{name}'),
  deleteTemplate: remove('/v1/templates/{name}'),
  useTemplate: act('/v1/templates/{name}/use'),
  forkTemplate: act('/v1/templates/{name}/fork'),
  rateTemplate: act('/v1/templates/{name}/rate'),
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
  createSchedule: act('/v1/schedules'),
  listSchedules: get('/v1/schedules'),
  getSchedule: get('/v1/schedules/{id}'),
  updateSchedule: act('/v1/schedules/{id}'),
  deleteSchedule: { method: 'DELETE', path: '/v1/schedules/{id}', hasEffect: true },
  pauseSchedule: act('/v1/schedules/{id}/pause'),
  resumeSchedule: act('/v1/schedules/{id}/resume'),
  triggerSchedule: act('/v1/schedules/{id}/trigger'),
  backfillSchedule: act('/v1/schedules/{id}/backfill'),
  listFires: get('/v1/schedules/{id}/fires'),
  listScheduleVersions: get('/v1/schedules/{id}/versions'),
  nextFires: get('/v1/schedules/{id}/next'),
  previewSchedule: ask('/v1/schedule-previews'),
  scheduleSchema: get('/v1/schemas/schedule'),
  deliver: ask('/v1/hooks/{id}/{secret}'),
  deliverSigned: ask('/v1/hooks/{id}'),
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
  revokeKey: remove('/v1/keys/{id}'),
  health: get('/v1/health'),
  ready: get('/v1/ready'),
} as const satisfies Readonly<Record<string, Operation>>

/** Methods of the client that are another view of an operation: events as they happen. */
export const STREAMED = { watchRun: 'listEvents', watchJournal: 'listJournal' } as const
