import { formatFtns } from '../../kernel/money.ts'
import type { StepStatus, StepView, TreeRow } from '../../progress/index.ts'
import type { Glyphs } from '../text/glyphs.ts'
import { clockTime } from '../text/time.ts'
import { tameLine } from '../text/width.ts'

/** What there is to say of a step beside its name and time. */
export function detailOf(step: StepView, place: TreeRow | undefined, glyphs: Glyphs): string {
  const parts = [countsOf(step), stateOf(step), costOf(step)]
  if (place !== undefined && place.alsoNeeds.length > 0 && step.startedAt === undefined) {
    parts.push(`${glyphs.needs}${place.alsoNeeds.join(', ')}`)
  }
  return parts.filter((part) => part !== '').join(glyphs.separator)
}

function countsOf({ items, status, pass, attempt }: StepView): string {
  if (items === undefined) {
    const isGoing = status === 'running' || status === 'repeating'
    if (pass > 1 && isGoing) return `pass ${pass}`
    return attempt > 1 && status === 'running' ? `try ${attempt}` : ''
  }
  const failed = items.failed > 0 ? `, ${items.failed} failed` : ''
  if (status === 'completed') return `${items.total} items`
  const active = items.active > 0 ? `, ${items.active} at once` : ''
  return `${items.done} of ${items.total}${active}${failed}`
}

function stateOf(step: StepView): string {
  return STATES[step.status]?.(step) ?? ''
}

/** Why a step was skipped. */
const SKIPPED = {
  needs: 'a step it needs failed',
  when: 'its condition does not hold',
  patch: 'it is not part of runs begun when this one was',
} as const

const STATES: Readonly<Partial<Record<StepStatus, (step: StepView) => string>>> = {
  failed: reasonOf,
  retrying: reasonOf,
  completed: ({ error }) =>
    error === undefined ? '' : `went on without it: ${tameLine(error.message)}`,
  waiting: ({ waitingFor }) => waitOf(waitingFor),
  running: ({ waitingFor }) => (waitingFor?.child === undefined ? '' : `run ${waitingFor.child}`),
  skipped: ({ skipReason }) => SKIPPED[skipReason ?? 'when'],
  interrupted: ({ status }) => status,
  stopped: ({ status }) => status,
  undoing: ({ status }) => status,
  undone: ({ status }) => status,
}

function reasonOf({ error }: StepView): string {
  return tameLine(error?.message ?? '')
}

function waitOf(wait: StepView['waitingFor']): string {
  if (wait?.for === 'time') {
    return wait.dueAt === undefined ? 'for a time' : `until ${clockTime(wait.dueAt)}`
  }
  if (wait?.for === 'task') return 'for a worker'
  if (wait?.question !== undefined) return `for an answer: ${tameLine(wait.question)}`
  return wait?.signal === undefined ? '' : `for ${tameLine(wait.signal)}`
}

function costOf({ cost, status }: StepView): string {
  return cost > 0n && status === 'completed' ? formatFtns(cost) : ''
}
