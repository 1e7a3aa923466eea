import type { Clock, EpochMs } from '../kernel/clock.ts'
import type { JsonObject } from '../kernel/json.ts'

import { UnknownAlertError, UnknownSlaError } from './errors.ts'
import type { DurationHistory } from './estimate/history.ts'
import { readGraph } from './graph.ts'
import { readEvents, type RunSource } from './load-run.ts'
import { loadHistory, lookAt, type RunLook } from './look-at-run.ts'
import { statsOf } from './metrics/metrics.ts'
import { createRecorder } from './recorder.ts'
import { bottlenecksOf, progressOf, timelineOf } from './report-run.ts'
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
} from './schema.ts'
import type { AlertMark, AlertRange, ProgressStore } from './store/store.ts'
import { findBottlenecks } from './trace/bottlenecks.ts'
import { toChromeTrace } from './trace/chrome-trace.ts'
import { toOtlp } from './trace/otel.ts'
import { type Finding, judgeOpen, judgeShare, SHARE_DAYS } from './watch/judge.ts'
import { reportSlas } from './watch/report.ts'

/** Which finished runs are summed up. */
export interface StatsRequest {
  readonly tenant: string
  /** Absent: all workflows. */
  readonly workflow?: string | undefined
  readonly since: EpochMs
  /** By what trends are told; by hour up to three days, by day beyond, when it is absent. */
  readonly by?: 'hour' | 'day' | undefined
}

/** What the journal tells of runs, beyond the runs themselves. */
export interface Progress {
  /** How far a run is, and when it is expected to be done. */
  progress(tenant: string, run: string): Promise<RunProgress>
  /** What each unit of a run did, and when. */
  timeline(tenant: string, run: string): Promise<Timeline>
  /** Why a run took as long as it did. */
  bottlenecks(tenant: string, run: string): Promise<BottleneckReport>
  /** A run in a form that other tools open. */
  trace(tenant: string, run: string, format: TraceFormat): Promise<JsonObject>
  stats(request: StatsRequest): Promise<Stats>
  setSla(tenant: string, terms: NewSla): Promise<Sla>
  listSlas(tenant: string): Promise<readonly Sla[]>
  /** @throws {@link UnknownSlaError} */
  removeSla(tenant: string, workflow: string): Promise<void>
  reportSlas(request: Omit<StatsRequest, 'by'>): Promise<SlaReport>
  /** Alerts, once everything that is promised has been looked at. */
  listAlerts(range: AlertRange): Promise<readonly Alert[]>
  /** @throws {@link UnknownAlertError} */
  markAlert(mark: Omit<AlertMark, 'at'>): Promise<Alert>
  /** Looks at every run of which something is promised, and raises what is found. */
  check(tenant: string): Promise<void>
  /** The same for all tenants. */
  checkAll(): Promise<void>
}

/** What {@link createProgress} needs. */
export interface ProgressDeps extends RunSource {
  readonly store: ProgressStore
  readonly clock: Clock
}

/** Runs and steps that statistics are made of, at most: the latest ones. */
const MOST = { runs: 10_000, steps: 100_000 } as const
/** Open runs of a workflow that are looked at in one go. */
const MOST_OPEN = 200
/** Events that are recorded before a run is shown; whoever asks for statistics waits for all. */
const SOON = 20_000
const DAY_MS = 86_400_000
/** Longest period whose trends are told by hour. */
const BY_HOUR_MS = 3 * DAY_MS

interface Parts extends ProgressDeps {
  readonly recorder: ReturnType<typeof createRecorder>
}

/** Builds the service; called once, from the composition root. */
export function createProgress(deps: ProgressDeps): Progress {
  const { store, clock } = deps
  const parts: Parts = { ...deps, recorder: createRecorder(deps) }
  const { recorder } = parts
  const look = async (tenant: string, run: string): Promise<Looked> => {
    await recorder.catchUp(tenant, SOON)
    return lookAtRun(parts, tenant, run)
  }
  const check = (tenant: string): Promise<void> => checkTenant(parts, tenant)
  return {
    check,
    async checkAll() {
      for (const tenant of await store.listWatched()) await check(tenant)
    },
    progress: async (tenant, run) => progressOf(await look(tenant, run)),
    timeline: async (tenant, run) => timelineOf((await look(tenant, run)).trace),
    async bottlenecks(tenant, run) {
      const { trace, history } = await look(tenant, run)
      return bottlenecksOf(trace, findBottlenecks(trace, history))
    },
    async trace(tenant, run, format) {
      const { trace, view } = await look(tenant, run)
      if (format === 'chrome-trace') return toChromeTrace(trace)
      const isWell = view.status === 'completed'
      return toOtlp(trace, isWell ? 'ok' : view.status === 'failed' ? 'error' : 'unset')
    },
    stats: (request) => readStats(parts, request),
    async setSla(tenant, terms) {
      const sla = { ...terms, setAt: clock.now() }
      await store.setSla(tenant, sla)
      return sla
    },
    listSlas: (tenant) => store.listSlas(tenant),
    async removeSla(tenant, workflow) {
      if (!(await store.removeSla(tenant, workflow))) throw new UnknownSlaError(workflow)
    },
    async reportSlas({ tenant, workflow, since }) {
      await recorder.catchUp(tenant)
      const slas = await store.listSlas(tenant)
      const asked = slas.filter((sla) => workflow === undefined || sla.workflow === workflow)
      if (workflow !== undefined && asked.length === 0) throw new UnknownSlaError(workflow)
      const period = { since, until: clock.now() }
      const limit = MOST.runs
      const runs = await Promise.all(
        asked.map((sla) => store.listRuns({ tenant, workflow: sla.workflow, ...period, limit })),
      )
      return reportSlas(asked, runs.flat(), period)
    },
    async listAlerts(range) {
      if (range.before === undefined) await check(range.tenant)
      return store.listAlerts(range)
    },
    async markAlert(mark) {
      const alert = await store.markAlert({ ...mark, at: clock.now() })
      if (alert === undefined) throw new UnknownAlertError(mark.id)
      return alert
    },
  }
}

interface Looked extends RunLook {
  readonly history: DurationHistory
}

async function lookAtRun(parts: Parts, tenant: string, run: string): Promise<Looked> {
  const [definition = {}, events] = await Promise.all([
    parts.definitionOf(tenant, run),
    readEvents(parts, run),
  ])
  const history = await loadHistory(parts.store, tenant, readGraph(definition))
  return { ...lookAt({ definition, events, now: parts.clock.now() }, history), history }
}

async function readStats(
  { recorder, store, clock }: Parts,
  { tenant, workflow, since, by }: StatsRequest,
): Promise<Stats> {
  await recorder.catchUp(tenant)
  // What ends in this very moment belongs to it.
  const until = clock.now() + 1
  const range = { tenant, workflow, since, until }
  const [runs, steps] = await Promise.all([
    store.listRuns({ ...range, limit: MOST.runs }),
    store.listSteps({ ...range, limit: MOST.steps }),
  ])
  const isPartial = runs.length === MOST.runs || steps.length === MOST.steps
  const lengthMs = until - Math.max(since, runs.at(-1)?.endedAt ?? since)
  const trendsBy = by ?? (lengthMs <= BY_HOUR_MS ? 'hour' : 'day')
  return statsOf({ workflow, runs, steps, isPartial, by: trendsBy, since, until })
}

async function checkTenant(parts: Parts, tenant: string): Promise<void> {
  const { store, recorder, clock } = parts
  const slas = await store.listSlas(tenant)
  if (slas.length === 0) return
  await recorder.catchUp(tenant)
  const now = clock.now()
  const findings: Finding[] = []
  for (const sla of slas) {
    for (const run of await store.listOpen(tenant, sla.workflow, MOST_OPEN)) {
      findings.push(...(await findOpen(parts, { tenant, sla, run })))
    }
    const share = await findShare(parts, tenant, sla)
    if (share !== undefined) findings.push(share)
  }
  await store.raise(tenant, findings, now)
}

interface OpenCheck {
  readonly tenant: string
  readonly sla: Sla
  readonly run: string
}

async function findOpen(
  parts: Parts,
  { tenant, sla, run }: OpenCheck,
): Promise<readonly Finding[]> {
  const { view, forecast, slow } = await lookAtRun(parts, tenant, run)
  const { createdAt, startedAt, percent, cost } = view
  if (createdAt === undefined || view.endedAt !== undefined) return []
  const now = parts.clock.now()
  return judgeOpen(sla, { run, now, createdAt, startedAt, percent, cost, forecast, slow })
}

async function findShare(
  { store, clock }: Parts,
  tenant: string,
  sla: Sla,
): Promise<Finding | undefined> {
  if (sla.successShare === undefined) return undefined
  const until = clock.now() + 1
  const since = Math.max(sla.setAt, until - SHARE_DAYS * DAY_MS)
  const { workflow } = sla
  const runs = await store.listRuns({ tenant, workflow, since, until, limit: MOST.runs })
  const countOf = (outcome: 'completed' | 'failed'): number =>
    runs.filter((each) => each.outcome === outcome).length
  return judgeShare(sla, { completed: countOf('completed'), failed: countOf('failed') }, until)
}
