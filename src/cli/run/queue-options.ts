import { type QueueOptions, queueOptions } from '../../workflow/definition/schema.ts'
import { UsageError } from '../errors.ts'

/** Options that say when a run may begin, and how urgent it is. */
export interface QueueOptionFlags {
  readonly priority?: string
  readonly team?: string
  readonly deadline?: string
  /** `22:00-06:00` */
  readonly window?: string
  readonly zone?: string
  readonly key?: string
  readonly maxCost?: string
}

/** The options of a request, as they were given. @throws {@link UsageError} one has no such value. */
export function readQueueOptions(flags: QueueOptionFlags): { readonly queue?: QueueOptions } {
  const { priority, team, deadline, window, zone, key, maxCost } = flags
  if (zone !== undefined && window === undefined) {
    throw new UsageError('--zone is that of a window', { hint: 'add --window 22:00-06:00' })
  }
  const given = {
    priority,
    team,
    deadline,
    key,
    maxCost,
    window: window === undefined ? undefined : { ...hoursOf(window), zone },
  }
  const named = Object.entries(given).filter(([, value]) => value !== undefined)
  if (named.length === 0) return {}
  return { queue: parse(Object.fromEntries(named)) }
}

function hoursOf(text: string): { readonly from: string; readonly to: string } {
  const [from = '', to = ''] = text.split('-').map((part) => part.trim())
  return { from, to }
}

function parse(value: Record<string, unknown>): QueueOptions {
  const parsed = queueOptions.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const option = String(issue?.path[0] ?? '').replaceAll(
    /[A-Z]/g,
    (each) => `-${each.toLowerCase()}`,
  )
  throw new UsageError(`--${option}: ${issue?.message ?? 'is not valid'}`, {
    hint: 'prsm run --help shows the form of each option',
  })
}
