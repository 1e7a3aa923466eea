import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'

import { objectIn } from './expressions.ts'
import { type Place, textIn } from './paths.ts'

/** Codes of PRSM that errors of the States Language stand for. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  'States.ALL': ['*'],
  'States.TaskFailed': ['*'],
  'States.Timeout': ['workflow.timeout'],
  'States.HeartbeatTimeout': ['workflow.timeout'],
}

/** The retry of a step for the retriers of a state. */
export function retryOf(state: JsonObject, place: Place): JsonObject | undefined {
  const retriers = state['Retry']
  if (!Array.isArray(retriers) || retriers.length === 0) return undefined
  const at = { ...place, path: `${place.path}/Retry` }
  const [first, ...others] = retriers
  for (const index of others.keys())
    place.findings.error(`${at.path}/${index + 1}`, 'a step has one retry; this one is left out')
  const retrier = objectIn(first)
  place.findings.unknown(`${at.path}/0`, retrier, KNOWN)
  const { IntervalSeconds, MaxAttempts, BackoffRate, MaxDelaySeconds, JitterStrategy } = retrier
  if (JitterStrategy !== 'FULL')
    place.findings.warn(`${at.path}/0`, 'waits are drawn between nothing and the interval')
  return {
    max: typeof MaxAttempts === 'number' ? Math.min(100, MaxAttempts) : 3,
    initial: `${typeof IntervalSeconds === 'number' ? IntervalSeconds : 1}s`,
    factor: typeof BackoffRate === 'number' ? Math.min(10, Math.max(1, BackoffRate)) : 2,
    ...(typeof MaxDelaySeconds === 'number' && { maxDelay: `${MaxDelaySeconds}s` }),
    on: codesOf(retrier['ErrorEquals'], { ...at, path: `${at.path}/0/ErrorEquals` }),
  }
}

const KNOWN = [
  'ErrorEquals',
  'IntervalSeconds',
  'MaxAttempts',
  'BackoffRate',
  'MaxDelaySeconds',
  'JitterStrategy',
  'Comment',
]

function codesOf(names: Json | undefined, { path, findings }: Place): string[] {
  const listed = Array.isArray(names) ? names : []
  return [
    ...new Set(
      listed.flatMap((name: Json) => {
        const known = CODES[textIn(name)]
        if (known !== undefined) return [...known]
        findings.error(
          path,
          `retries go by code, and "${textIn(name)}" is none`,
          'an error of your code that is to be tried again has isTransient: true',
        )
        return ['code.threw']
      }),
    ),
  ]
}

/** The error of a failed step as the States Language shows it. */
export function errorOutputOf(step: string): string {
  const error = `$steps.${step}.error`
  return `{"Error": $exists(${error}.details.name) ? ${error}.details.name : ${error}.code, "Cause": ${error}.message}`
}

/** Whether a catcher takes the error of a step, as JSONata text. */
export function catches(names: Json | undefined, step: string): string {
  const error = `$steps.${step}.error`
  const listed = Array.isArray(names) ? names : []
  const tests = listed.map((name: Json) => {
    if (name === 'States.ALL') return 'true'
    if (name === 'States.TaskFailed') return `${error}.code != "workflow.timeout"`
    if (name === 'States.Timeout' || name === 'States.HeartbeatTimeout')
      return `${error}.code = "workflow.timeout"`
    const text = JSON.stringify(name)
    return `(${error}.code = ${text} or ${error}.details.name = ${text})`
  })
  return tests.length === 0 ? 'false' : tests.join(' or ')
}

/** The catchers of a state. */
export function catchersOf(state: JsonObject): readonly JsonObject[] {
  const catchers = state['Catch']
  return Array.isArray(catchers) ? catchers.filter((each) => isJsonObject(each)) : []
}
