import type { ScheduleSpec, Trigger } from '../../client/index.ts'
import type { Json } from '../../kernel/json.ts'
import { UsageError } from '../errors.ts'

/** Options that say when a schedule fires. */
export interface TimeFlags {
  readonly now?: boolean
  readonly at?: string
  readonly delay?: string
  readonly every?: string
  readonly cron?: string
  readonly event?: string
  readonly where?: readonly string[]
  readonly after?: string
  readonly on?: string
  readonly webhook?: boolean
  readonly signed?: string
  readonly manual?: boolean
  readonly zone?: string
  readonly start?: string
  readonly end?: string
}

/** Options that say what a schedule does. */
export interface PolicyFlags {
  readonly map?: readonly string[]
  readonly budget?: string
  readonly catchUp?: string
  readonly catchUpMax?: string
  readonly tolerance?: string
  readonly overlap?: string
  readonly jitter?: string
  readonly maxFires?: number
}

/** Parts of a schedule as they were given, to be checked as a whole. */
export type GivenSpec = Partial<Record<keyof ScheduleSpec, Json>>

/** What options say of a schedule; what they do not name is absent. */
export function specOf(flags: TimeFlags & PolicyFlags): GivenSpec {
  const trigger = triggerOf(flags)
  const { catchUp, catchUpMax, tolerance, map } = flags
  const missed = {
    ...(catchUp !== undefined && { policy: catchUp }),
    ...(catchUpMax !== undefined && { max: Number(catchUpMax) }),
    ...(tolerance !== undefined && { tolerance }),
  }
  return {
    ...(trigger !== undefined && { trigger }),
    ...plainOf(flags),
    ...(Object.keys(missed).length > 0 && { catchUp: { policy: 'last', ...missed } }),
    ...(map !== undefined && { map: Object.fromEntries(map.map((each) => split('--map', each))) }),
  }
}

const PLAIN = ['zone', 'start', 'end', 'budget', 'overlap', 'jitter', 'maxFires'] as const

function plainOf(flags: TimeFlags & PolicyFlags): GivenSpec {
  return Object.fromEntries(
    PLAIN.flatMap((name) => {
      const value = flags[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** The trigger that options name. @throws {@link UsageError} they name several. */
function triggerOf(flags: TimeFlags): Record<string, Json> | undefined {
  const { now, at, delay, every, cron, event, after, webhook, signed, manual } = flags
  const given: readonly (readonly [unknown, string, Record<string, Json>])[] = [
    [now, '--now', { kind: 'now' }],
    [at, '--at', { kind: 'at', at: at ?? '' }],
    [delay, '--delay', { kind: 'delay', delay: delay ?? '' }],
    [every, '--every', { kind: 'interval', every: every ?? '' }],
    [cron, '--cron', { kind: 'cron', cron: cron ?? '' }],
    [event, '--event', { kind: 'event', event: event ?? '', ...whereOf(flags) }],
    [after, '--after', { kind: 'after', workflow: after ?? '', ...onOf(flags) }],
    [webhook, '--webhook', { kind: 'webhook' }],
    [signed, '--signed', { kind: 'webhook', secret: signed ?? '' }],
    [manual, '--manual', { kind: 'manual' }],
  ]
  const named = given.filter(([value]) => value !== undefined)
  if (named.length > 1) {
    const names = named.map(([, name]) => name).join(' and ')
    throw new UsageError(`a schedule has one trigger, not ${names}`)
  }
  return named[0]?.[2]
}

function whereOf({ where }: TimeFlags): { where?: Record<string, Json> } {
  if (where === undefined) return {}
  return { where: Object.fromEntries(where.map((each) => readPair(each))) }
}

function onOf({ on }: TimeFlags): { on?: string } {
  return on === undefined ? {} : { on }
}

function readPair(text: string): readonly [string, Json] {
  const [path, value] = split('--where', text)
  return [path, toJsonOrText(value)]
}

/** `true`, `5` and `"5"` are JSON; other text stands for itself. */
function toJsonOrText(text: string): Json {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch (fault) {
    if (fault instanceof SyntaxError) return text
    throw fault
  }
}

function split(option: string, text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new UsageError(`"${text}" is not what ${option} takes`, { hint: 'write name=value' })
}

/** What makes a schedule fire, in few words. */
export function triggerText(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'at':
      return `at ${trigger.at}`
    case 'delay':
      return `after ${trigger.delay}`
    case 'interval':
      return `every ${trigger.every}`
    case 'cron':
      return `cron ${trigger.cron}`
    case 'event':
      return `event ${trigger.event}`
    case 'after':
      return `after ${trigger.workflow} (${trigger.on ?? 'completed'})`
    case 'webhook':
      return trigger.secret === undefined ? 'webhook' : `webhook, signed`
    default:
      return trigger.kind
  }
}
