import { formatDuration } from '../../kernel/duration.ts'
import { hasEnded, type ProgressEvent, type RunView, type StepView } from '../../progress/index.ts'
import { describeRollback } from '../rollback/text.ts'
import { tameLine } from '../text/width.ts'

/** An event and the views around it. */
export interface Moment {
  readonly event: ProgressEvent
  readonly before: RunView
  readonly after: RunView
}

/** Lists longer than this are told of in tenths, not item by item. */
const MANY_ITEMS = 20
/** Events of single items that are told of however long the list is. */
const ALWAYS: ReadonlySet<string> = new Set(['step.failed', 'step.retrying'])

/**
 * What an event means, in one line without a time; `undefined` when it is not worth one.
 *
 * @remarks A list of ten thousand items makes eleven lines: its beginning and each tenth.
 */
export function describeEvent(moment: Moment): string | undefined {
  const { event, after } = moment
  const name = event.data['step']
  const step =
    typeof name === 'string' ? after.steps[after.graph.places.get(name) ?? -1] : undefined
  if (step === undefined || !(event.kind in STEP_TEXTS)) return describeRunEvent(moment)
  const total = step.items?.total ?? 0
  const isItem = event.data['index'] !== undefined
  if (isItem && total > MANY_ITEMS && !ALWAYS.has(event.kind)) return describeTenth(moment, step)
  return describeStepEvent(event, step)
}

function describeTenth({ event, before }: Moment, step: StepView): string | undefined {
  const { items } = step
  const known = before.steps[before.graph.places.get(step.name) ?? -1]?.items
  if (items === undefined || known === undefined || event.kind !== 'step.completed')
    return undefined
  const tenth = (done: number): number => Math.floor((done * 10) / items.total)
  if (tenth(items.done) === tenth(known.done)) return undefined
  return `step ${step.name}: ${items.done} of ${items.total} items`
}

function describeStepEvent({ kind, data }: ProgressEvent, step: StepView): string | undefined {
  const index = data['index']
  const unit = typeof index === 'number' ? `${step.name}[${index}]` : step.name
  const what = STEP_TEXTS[kind]?.(data, step)
  return what === undefined
    ? undefined
    : `${kind.startsWith('undo') ? 'undo of' : 'step'} ${unit} ${what}`
}

type Data = ProgressEvent['data']

const SKIPS: Readonly<Record<string, string>> = {
  needs: 'skipped: a step it needs failed',
  patch: 'skipped: it is not part of runs begun when this one was',
  resolved: 'skipped: somebody decided to go on without it',
}

const STEP_TEXTS: Readonly<Record<string, (data: Data, step: StepView) => string>> = {
  'step.skipped': ({ reason }) =>
    SKIPS[typeof reason === 'string' ? reason : ''] ?? 'skipped: its condition does not hold',
  'step.adopted': ({ from }) =>
    `taken over from ${typeof from === 'object' && from !== null && 'run' in from ? textOf(from['run']) : ''}`,
  'step.expanded': ({ count }) => `has ${typeof count === 'number' ? count : 0} items`,
  'step.started': (_, { attempt, pass }) => {
    if (attempt > 1) return `started again, try ${attempt}`
    return pass > 1 ? `started, pass ${pass}` : 'started'
  },
  'step.waiting': (_, { waitingFor }) => {
    if (waitingFor?.child !== undefined) return `runs ${waitingFor.child}`
    if (waitingFor?.for === 'task') return 'waits in the queue for a worker'
    if (waitingFor?.for === 'time') return 'waits for a time'
    const { question } = waitingFor ?? {}
    if (question !== undefined) return `waits for an answer: ${tameLine(question)}`
    return `waits for the signal "${tameLine(waitingFor?.signal ?? '')}"`
  },
  'step.assigned': ({ worker }) => `runs on ${textOf(worker)}`,
  'step.retrying': (data) => `failed and will be tried again: ${errorIn(data)}`,
  'step.repeating': ({ pass }) => `ended pass ${typeof pass === 'number' ? pass : ''}`,
  'step.completed': ({ ms }) =>
    typeof ms === 'number' ? `completed in ${formatDuration(ms)}` : 'completed',
  'step.failed': (data, step) =>
    data['fallback'] !== undefined || (hasEnded(step) && step.status === 'completed')
      ? `failed, and the run goes on without it: ${errorIn(data)}`
      : `failed: ${errorIn(data)}`,
  'undo.started': () => 'started',
  'undo.retrying': (data) => `failed and will be tried again: ${errorIn(data)}`,
  'undo.completed': () => 'completed',
  'undo.failed': (data) => `failed: ${errorIn(data)}`,
}

const RUN_TEXTS: Readonly<Record<string, (data: Data) => string>> = {
  'run.created': ({ forkedFrom }) =>
    typeof forkedFrom === 'object' && forkedFrom !== null && 'run' in forkedFrom
      ? `run forked from ${textOf(forkedFrom['run'])}`
      : 'run created',
  'run.started': () => 'run started',
  'run.resumed': ({ reason }) =>
    reason === 'takeover' ? 'run taken over from a worker that was lost' : 'run resumed',
  'run.paused': ({ reason }) =>
    reason === 'budget' ? 'run paused: its budget is used up' : `run paused: ${reasonIn(reason)}`,
  'run.upgraded': ({ to }) => `run goes on under the definition ${textOf(to)}`,
  'run.stopping': (data) => `run stops: ${errorIn(data)}`,
  'run.cancelling': ({ reason }) =>
    typeof reason === 'string' ? `run is cancelled: ${tameLine(reason)}` : 'run is cancelled',
  'run.compensating': () => 'run undoes what can be undone',
  'run.completed': () => 'run completed',
  'run.failed': (data) => `run failed: ${errorIn(data)}`,
  'run.cancelled': () => 'run cancelled',
  'signal.received': ({ signal, by }) => `signal "${textOf(signal)}" from ${textOf(by)}`,
}

function describeRunEvent({ event: { kind, data } }: Moment): string | undefined {
  return RUN_TEXTS[kind]?.(data) ?? describeRollback({ kind, data })
}

function reasonIn(reason: Data[string] | undefined): string {
  return PAUSES[typeof reason === 'string' ? reason : ''] ?? 'somebody asked for it'
}

const PAUSES: Readonly<Record<string, string>> = {
  interrupt: 'it was interrupted',
  incident: 'somebody has to decide',
  rollback: 'it has gone back',
}

function errorIn({ error }: Data): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? error['message'] : undefined
  return textOf(message)
}

function textOf(value: Data[string] | undefined): string {
  return typeof value === 'string' ? tameLine(value) : ''
}
