import type { ApiKey, IssuedApiKey, NewApiKey } from '../access/schema.ts'
import type {
  CancelRequest,
  Event,
  Health,
  IncidentResolution,
  LimitRequest,
  ModelList,
  ResolutionRequest,
  ResumeRequest,
  RollbackRequest,
  RunFile,
  RunRequestBody,
  ShareRequest,
  SignalRequestBody,
  StepKindRecord,
  ValidateRequest,
  Validation,
  Wallet,
} from '../api/schema.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Transfer } from '../ledger/schema.ts'
import type {
  ImportBundleRequest,
  ImportedBundle,
  Signer,
  TrustSignerRequest,
} from '../library/bundle/schema.ts'
import type { Converted, ConvertRequest } from '../library/import/schema.ts'
import type {
  DefinitionDiff,
  ForkRequest,
  LibraryUsage,
  Pruned,
  PruneRequest,
  RestoreRequest,
  SavedWorkflow,
  SaveWorkflowRequest,
  ShareWorkflowRequest,
  TagRequest,
  UpgradeReport,
  UpgradeRequest,
  VersionDetail,
  WorkflowStatus,
  WorkflowVersion,
} from '../library/schema.ts'
import type {
  CreateTemplateRequest,
  ForkTemplateRequest,
  RateTemplateRequest,
  Template,
  TemplateCategory,
  TemplateDetail,
  UsedTemplate,
  UseTemplateRequest,
} from '../library/templates/schema.ts'
import type { PriceList } from '../pricing/schema.ts'
import type {
  Alert,
  BottleneckReport,
  NewSla,
  RunProgress,
  Sla,
  SlaReport,
  Stats,
  Timeline,
  TraceFormat,
} from '../progress/schema.ts'
import type { NewSecret, Rotation, SecretRecord } from '../vault/schema.ts'
import type { BreakerRecord } from '../workflow/breakers/schema.ts'
import type { Chunk } from '../workflow/chunks/schema.ts'
import type {
  Explanation,
  RunForkPlan,
  RunForkRequest,
  Moment,
  RedrivePage,
  RedriveRequest,
  RunUpgradeCheck,
  RunUpgradePage,
  RunUpgradeRequest,
  Verification,
} from '../workflow/history/schema.ts'
import type {
  LimitRecord,
  PoolRecord,
  QueueEntry,
  QueueLoad,
  QueueStatus,
  ShareRecord,
  WorkerRecord,
} from '../workflow/queue/schema.ts'
import type { Incident, IncidentState, RollbackPlan } from '../workflow/rollback/schema.ts'
import type {
  Backfill,
  BackfillRequest,
  CreatedSchedule,
  Delivery,
  Fire,
  FiresPreview,
  FireStatus,
  NewSchedule,
  PreviewRequest,
  Schedule,
  ScheduleStatus,
  ScheduleUpdate,
  ScheduleVersion,
  TriggerRequest,
} from '../workflow/schedule/schema.ts'
import type { Quote, RunRecord, RunState } from '../workflow/schema.ts'

import type { Listing } from './listing.ts'
import type { ChunkNews } from './watch-chunks.ts'
import type { WatchOptions } from './watch.ts'

/** How a call is made. */
export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** How a call that changes something is made. */
export interface EffectOptions extends CallOptions {
  /**
   * Names the request: made again within 24 hours, also by another process, it has no second
   * effect. 8 to 200 visible ASCII characters.
   *
   * @defaultValue a new one per call
   */
  readonly idempotencyKey?: string
}

/** How a list is cut. */
export interface ListOptions extends CallOptions {
  /** Items of a page, 1 to 200. @defaultValue 50 */
  readonly limit?: number
}

/** Which runs are listed. */
export interface RunFilter extends ListOptions {
  readonly status?: RunState
  /** Of the workflow. */
  readonly name?: string
}

/** Which entries of the queue are listed. */
export interface QueueFilter extends CallOptions {
  readonly status?: QueueStatus
  /** 1 to 1,000. @defaultValue 200 */
  readonly limit?: number
}

/** Which incidents are listed. */
export interface IncidentFilter extends ListOptions {
  readonly state?: IncidentState
  readonly run?: string
}

/** How far a planned rollback goes. */
export interface PlanOptions extends CallOptions {
  /** The step that stays, with everything it needs. @defaultValue nothing stays */
  readonly to?: string
}

/** Which events are listed. */
export interface EventFilter extends ListOptions {
  /** Only events behind this place. @defaultValue 0 */
  readonly after?: number
}

/** Whose text is listed. */
export interface ChunkFilter extends EventFilter {
  /** Only what this step writes. */
  readonly step?: string
  /** Only what this item of its `forEach` writes. */
  readonly index?: number
}

/** Names a saved workflow or template. */
export interface LibraryName {
  readonly name: string
  /** Whose it is. @defaultValue the tenant of the key */
  readonly tenant?: string | undefined
}

/** Names a version of a saved workflow. */
export interface VersionName extends LibraryName {
  /** A number or a tag. @defaultValue the newest one */
  readonly version?: string | undefined
}

/** Which saved workflows are listed. */
export interface WorkflowFilter extends ListOptions {
  /** Whether those that other tenants share are listed too. @defaultValue false */
  readonly others?: boolean
  readonly status?: WorkflowStatus
}

/** Which templates are listed. */
export interface TemplateFilter extends CallOptions {
  readonly category?: TemplateCategory | undefined
}

/** Which schedules are listed. */
export interface ScheduleFilter extends ListOptions {
  readonly status?: ScheduleStatus
}

/** Which fires are listed. */
export interface FireFilter extends ListOptions {
  readonly status?: FireStatus
}

/** Something delivered to a webhook. */
export interface DeliveryRequest {
  /** Names the delivery; one that was accepted is not accepted again. */
  readonly id: string
  readonly body: Json
}

/** The same with its signature. */
export interface SignedDeliveryRequest {
  readonly id: string
  /** The JSON that was signed, to the letter. */
  readonly text: string
  /** When it was sent, in seconds since 1970. */
  readonly timestamp: string
  /** `v1,` and the signature in base64. */
  readonly signature: string
}

/** Which finished runs are summed up. */
export interface PeriodFilter extends CallOptions {
  /** Of the workflow. */
  readonly workflow?: string
  /** Runs that ended since then, Unix epoch, ms. @defaultValue a week ago */
  readonly since?: number
}

/** Which alerts are listed. */
export interface AlertFilter extends ListOptions {
  /** Whether only those that are not resolved, or only those that are. */
  readonly open?: boolean
}

/** The content of a file of a run. */
export interface Download {
  readonly contentType: string
  readonly sizeBytes: number | undefined
  /** To be read once. */
  readonly body: ReadableStream<Uint8Array>
}

/**
 * Everything the API does.
 *
 * @remarks Every method throws `ApiError` when the server refuses, and `UnreachableError` when it
 * is not there. Calls are repeated where that is safe: those that only look, and those that carry
 * an Idempotency-Key, which is all others.
 */
export interface Client {
  validate(request: ValidateRequest, options?: CallOptions): Promise<Validation>
  quote(request: RunRequestBody, options?: CallOptions): Promise<Quote>
  createRun(request: RunRequestBody, options?: EffectOptions): Promise<RunRecord>
  listRuns(filter?: RunFilter): Listing<RunRecord>
  getRun(run: string, options?: CallOptions): Promise<RunRecord>
  getDefinition(run: string, options?: CallOptions): Promise<JsonObject>
  listEvents(run: string, filter?: EventFilter): Listing<Event>
  /** Events of a run as they happen, until it has ended. */
  watchRun(run: string, options?: WatchOptions): AsyncIterable<Event>
  /** Text that steps have shown while they worked; `assembleText` puts the pieces together. */
  listChunks(run: string, filter?: ChunkFilter): Listing<Chunk>
  /** The same as it is written, until the run, or the step that is named, has ended. */
  watchChunks(
    run: string,
    options?: WatchOptions & Omit<ChunkFilter, 'limit'>,
  ): AsyncIterable<ChunkNews>
  cancel(run: string, request?: CancelRequest, options?: EffectOptions): Promise<RunRecord>
  pause(run: string, options?: EffectOptions): Promise<RunRecord>
  resume(run: string, request?: ResumeRequest, options?: EffectOptions): Promise<RunRecord>
  signal(run: string, request: SignalRequestBody, options?: EffectOptions): Promise<RunRecord>
  /** A run at one place of its history: a step, an item such as `read[7]`, or a version. */
  getMoment(run: string, place: string, options?: CallOptions): Promise<Moment>
  /** Whether everything stored of a run fits together. */
  verifyRun(run: string, options?: CallOptions): Promise<Verification>
  /** What a run waits for, since when, and what would help. */
  explainRun(run: string, options?: CallOptions): Promise<Explanation>
  /** What a fork would take over, and what it would begin anew. */
  planFork(run: string, request: RunForkRequest, options?: CallOptions): Promise<RunForkPlan>
  /** Begins a run with the results that another one has had up to a step. */
  forkRun(run: string, request: RunForkRequest, options?: EffectOptions): Promise<RunRecord>
  /** What a definition would mean to unfinished runs; page by page. */
  checkUpgrades(request: RunUpgradeCheck, options?: CallOptions): Promise<RunUpgradePage>
  /** Asks a run that is paused, waits or has failed to go on under another definition. */
  upgradeRun(run: string, request: RunUpgradeRequest, options?: EffectOptions): Promise<RunRecord>
  /** Asks failed runs to go on; page by page. */
  redrive(request?: RedriveRequest, options?: EffectOptions): Promise<RedrivePage>
  /** What a rollback would do; nothing is done. */
  planRollback(run: string, options?: PlanOptions): Promise<RollbackPlan>
  /** Undoes what a paused or ended run did. */
  rollBack(run: string, request?: RollbackRequest, options?: EffectOptions): Promise<RunRecord>
  /** Decides about a run that waits for a decision. */
  resolve(run: string, request: ResolutionRequest, options?: EffectOptions): Promise<RunRecord>
  listIncidents(filter?: IncidentFilter): Listing<Incident>
  getIncident(id: string, options?: CallOptions): Promise<Incident>
  /** Tells that an incident was finished by hand. */
  closeIncident(
    id: string,
    request?: IncidentResolution,
    options?: EffectOptions,
  ): Promise<Incident>
  listFiles(run: string, options?: ListOptions): Listing<RunFile>
  downloadFile(run: string, path: string, options?: CallOptions): Promise<Download>
  /** Everything that happened to the tenant. */
  listJournal(filter?: EventFilter): Listing<Event>
  /** The same as it happens; it never ends by itself. */
  watchJournal(options?: WatchOptions): AsyncIterable<Event>
  /** The path of its webhook, and the secret in it, are in this answer and nowhere else. */
  createSchedule(request: NewSchedule, options?: EffectOptions): Promise<CreatedSchedule>
  /** By name. A schedule is named by its name or its id. */
  listSchedules(filter?: ScheduleFilter): Listing<Schedule>
  getSchedule(schedule: string, options?: CallOptions): Promise<Schedule>
  updateSchedule(
    schedule: string,
    request: ScheduleUpdate,
    options?: EffectOptions,
  ): Promise<CreatedSchedule>
  deleteSchedule(schedule: string, options?: EffectOptions): Promise<Schedule>
  pauseSchedule(schedule: string, options?: EffectOptions): Promise<Schedule>
  resumeSchedule(schedule: string, options?: EffectOptions): Promise<Schedule>
  triggerSchedule(
    schedule: string,
    request?: TriggerRequest,
    options?: EffectOptions,
  ): Promise<readonly Fire[]>
  backfillSchedule(
    schedule: string,
    request: BackfillRequest,
    options?: EffectOptions,
  ): Promise<Backfill>
  listFires(schedule: string, filter?: FireFilter): Listing<Fire>
  listScheduleVersions(schedule: string, options?: CallOptions): Promise<readonly ScheduleVersion[]>
  nextFires(
    schedule: string,
    options?: CallOptions & { readonly count?: number },
  ): Promise<FiresPreview>
  previewSchedule(request: PreviewRequest, options?: CallOptions): Promise<FiresPreview>
  scheduleSchema(options?: CallOptions): Promise<JsonObject>
  /** @param schedule - its id. */
  deliver(
    schedule: string,
    secret: string,
    request: DeliveryRequest & CallOptions,
  ): Promise<Delivery>
  /** @param schedule - its id. */
  deliverSigned(schedule: string, request: SignedDeliveryRequest & CallOptions): Promise<Delivery>
  /** How far a run is, and when it is expected to be done. */
  progress(run: string, options?: CallOptions): Promise<RunProgress>
  timeline(run: string, options?: CallOptions): Promise<Timeline>
  /** Why a run took as long as it did, and what would make it shorter. */
  bottlenecks(run: string, options?: CallOptions): Promise<BottleneckReport>
  trace(run: string, format: TraceFormat, options?: CallOptions): Promise<JsonObject>
  stats(filter?: PeriodFilter & { readonly by?: 'hour' | 'day' }): Promise<Stats>
  /** Takes the place of what was promised of the workflow. */
  setSla(request: NewSla, options?: EffectOptions): Promise<Sla>
  listSlas(options?: CallOptions): Promise<readonly Sla[]>
  /** @returns what is still promised. */
  removeSla(workflow: string, options?: EffectOptions): Promise<readonly Sla[]>
  slaReport(filter?: PeriodFilter): Promise<SlaReport>
  listAlerts(filter?: AlertFilter): Listing<Alert>
  acknowledgeAlert(alert: string, options?: EffectOptions): Promise<Alert>
  resolveAlert(alert: string, options?: EffectOptions): Promise<Alert>
  wallet(options?: CallOptions): Promise<Wallet>
  transfers(options?: ListOptions): Listing<Transfer>
  prices(options?: CallOptions): Promise<PriceList>
  /** What waits first, in its order; then what runs; then what has ended lately. */
  listQueue(filter?: QueueFilter): Promise<readonly QueueEntry[]>
  listPools(options?: CallOptions): Promise<readonly PoolRecord[]>
  queueLoad(options?: CallOptions): Promise<QueueLoad>
  listLimits(options?: CallOptions): Promise<readonly LimitRecord[]>
  /** Gives the limits there are then. */
  setLimit(request: LimitRequest, options?: EffectOptions): Promise<readonly LimitRecord[]>
  listShares(options?: CallOptions): Promise<readonly ShareRecord[]>
  /** Gives the shares there are then. */
  setShare(request: ShareRequest, options?: EffectOptions): Promise<readonly ShareRecord[]>
  listWorkers(options?: CallOptions): Promise<readonly WorkerRecord[]>
  /** Lets a worker take nothing more from the queue, or again. */
  drainWorker(id: string, isDraining: boolean, options?: EffectOptions): Promise<WorkerRecord>
  /** What workers call outside, and whether they do at present. */
  listBreakers(options?: CallOptions): Promise<readonly BreakerRecord[]>
  /** Has the circuit of a dependency closed by every worker; gives the circuits as they were. */
  resetBreaker(dependency: string, options?: EffectOptions): Promise<readonly BreakerRecord[]>
  models(options?: CallOptions): Promise<ModelList>
  stepKinds(options?: CallOptions): Promise<readonly StepKindRecord[]>
  workflowSchema(options?: CallOptions): Promise<JsonObject>
  /** The token is in this answer and nowhere else. */
  createKey(request: NewApiKey, options?: EffectOptions): Promise<IssuedApiKey>
  listKeys(options?: ListOptions): Listing<ApiKey>
  revokeKey(key: string, options?: EffectOptions): Promise<ApiKey>
  saveWorkflow(request: SaveWorkflowRequest, options?: EffectOptions): Promise<SavedWorkflow>
  listWorkflows(filter?: WorkflowFilter): Listing<SavedWorkflow>
  getWorkflow(name: LibraryName, options?: CallOptions): Promise<SavedWorkflow>
  deleteWorkflow(name: LibraryName, options?: EffectOptions): Promise<SavedWorkflow>
  listVersions(name: LibraryName, options?: CallOptions): Promise<readonly WorkflowVersion[]>
  getVersion(version: VersionName, options?: CallOptions): Promise<VersionDetail>
  /** What those see of a version who may run it and not read it. */
  getOutline(version: VersionName, options?: CallOptions): Promise<JsonObject>
  /** What differs between a version and another one, by default the newest. */
  diffVersions(version: VersionName, to?: string, options?: CallOptions): Promise<DefinitionDiff>
  restoreVersion(
    name: LibraryName,
    request: RestoreRequest,
    options?: EffectOptions,
  ): Promise<SavedWorkflow>
  tagVersion(
    name: LibraryName,
    request: TagRequest,
    options?: EffectOptions,
  ): Promise<SavedWorkflow>
  untagVersion(name: LibraryName, tag: string, options?: EffectOptions): Promise<SavedWorkflow>
  archiveWorkflow(name: LibraryName, options?: EffectOptions): Promise<SavedWorkflow>
  unarchiveWorkflow(name: LibraryName, options?: EffectOptions): Promise<SavedWorkflow>
  shareWorkflow(
    name: LibraryName,
    request: ShareWorkflowRequest,
    options?: EffectOptions,
  ): Promise<SavedWorkflow>
  forkWorkflow(
    name: LibraryName,
    request?: ForkRequest,
    options?: EffectOptions,
  ): Promise<SavedWorkflow>
  buyWorkflow(name: LibraryName, options?: EffectOptions): Promise<SavedWorkflow>
  pruneVersions(name: LibraryName, request: PruneRequest, options?: EffectOptions): Promise<Pruned>
  /** Which runs under way a change would break, by the definitions alone. */
  checkUpgrade(
    name: LibraryName,
    request: UpgradeRequest,
    options?: CallOptions,
  ): Promise<UpgradeReport>
  /** The text of a signed bundle; every byte of it counts. */
  exportBundle(name: LibraryName, options?: CallOptions): Promise<string>
  importBundle(request: ImportBundleRequest, options?: EffectOptions): Promise<ImportedBundle>
  /** Brings a workflow of another system over; nothing is saved. */
  convertDefinition(request: ConvertRequest, options?: CallOptions): Promise<Converted>
  listSigners(options?: CallOptions): Promise<readonly Signer[]>
  trustSigner(request: TrustSignerRequest, options?: EffectOptions): Promise<Signer>
  distrustSigner(id: string, options?: EffectOptions): Promise<Signer>
  libraryUsage(options?: CallOptions): Promise<LibraryUsage>
  createTemplate(request: CreateTemplateRequest, options?: EffectOptions): Promise<TemplateDetail>
  listTemplates(filter?: TemplateFilter): Promise<readonly Template[]>
  getTemplate(name: LibraryName, options?: CallOptions): Promise<TemplateDetail>
  deleteTemplate(name: LibraryName, options?: EffectOptions): Promise<Template>
  useTemplate(
    name: LibraryName,
    request?: UseTemplateRequest,
    options?: EffectOptions,
  ): Promise<UsedTemplate>
  forkTemplate(
    name: LibraryName,
    request?: ForkTemplateRequest,
    options?: EffectOptions,
  ): Promise<TemplateDetail>
  rateTemplate(
    name: LibraryName,
    request: RateTemplateRequest,
    options?: EffectOptions,
  ): Promise<TemplateDetail>
  /** The value is in no answer. */
  setSecret(request: NewSecret, options?: EffectOptions): Promise<SecretRecord>
  listSecrets(options?: ListOptions): Listing<SecretRecord>
  removeSecret(name: string, options?: EffectOptions): Promise<SecretRecord>
  /** Gives the tenant a new key, or finishes a rotation that was cut off. */
  rotateSecrets(options?: EffectOptions): Promise<Rotation>
  health(options?: CallOptions): Promise<Health>
  ready(options?: CallOptions): Promise<Health>
}
