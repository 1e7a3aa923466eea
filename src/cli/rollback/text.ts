import type { JsonObject } from '../../kernel/json.ts'
import { formatFtns, toMicroFtns } from '../../kernel/money.ts'

/** An event as far as it is told. */
export interface Told {
  readonly kind: string
  readonly data: JsonObject
}

/** What an event of a rollback or incident means, in one line; `undefined` for every other. */
export function describeRollback({ kind, data }: Told): string | undefined {
  return TEXTS[kind]?.(data)
}

const ACTIONS: Readonly<Record<string, string>> = {
  compensate_effects: 'undo effects',
  cleanup_artifacts: 'remove files',
  deallocate_resources: 'give back what is held elsewhere',
  restore_state: 'restore the state before',
  reset_dependencies: 'reset what built on it',
  refund_credits: 'free what was set aside',
  log_incident: 'note what is left to people',
  send_notification: 'tell whoever asked to be told',
}

const TEXTS: Readonly<Record<string, (data: JsonObject) => string>> = {
  'undo.completed': (data) => `undo of ${unitIn(data)} completed`,
  'undo.failed': (data) => `undo of ${unitIn(data)} failed: ${messageIn(data)}`,
  'clean.started': (data) => `removal of what ${unitIn(data)} left started`,
  'clean.retrying': (data) => `removal of what ${unitIn(data)} left failed and will be tried again`,
  'clean.completed': (data) => `removal of what ${unitIn(data)} left completed`,
  'clean.failed': (data) => `removal of what ${unitIn(data)} left failed: ${messageIn(data)}`,
  'rollback.acted': (data) =>
    `${ACTIONS[textIn(data, 'action')] ?? textIn(data, 'action')}: ${resultIn(data)}`,
  'rollback.ended': (data) => `${wordsIn(data, 'strategy')} ended: ${wordsIn(data, 'result')}`,
  'incident.opened': (data) =>
    `incident ${numberIn(data)} (${wordsIn(data, 'reason')}, ${wordsIn(data, 'failure')}): ${messageIn(detailsIn(data))}`,
  'incident.resolved': (data) =>
    `incident ${numberIn(data)} resolved by ${textIn(data, 'by')}: ${wordsIn(data, 'resolution')}`,
}

function resultIn(data: JsonObject): string {
  const { count, amount, steps } = data
  const result = wordsIn(data, 'result')
  if (typeof amount === 'string') return `${result}, ${formatFtns(toMicroFtns(BigInt(amount)))}`
  if (Array.isArray(steps) && steps.length > 0) return `${result}, ${steps.join(', ')}`
  return typeof count === 'number' && count > 0 ? `${result}, ${count}` : result
}

function unitIn(data: JsonObject): string {
  const { index } = data
  const step = textIn(data, 'step')
  return typeof index === 'number' ? `${step}[${index}]` : step
}

function detailsIn({ details }: JsonObject): JsonObject {
  return isRecord(details) ? details : {}
}

function messageIn({ error }: JsonObject): string {
  return isRecord(error) ? textIn(error, 'message') : ''
}

function isRecord(value: JsonObject[string] | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function numberIn({ incident }: JsonObject): number {
  return typeof incident === 'number' ? incident : 0
}

function wordsIn(data: JsonObject, name: string): string {
  return textIn(data, name).replaceAll('_', ' ')
}

function textIn(data: JsonObject, name: string): string {
  const value = data[name]
  return typeof value === 'string' ? value : ''
}
