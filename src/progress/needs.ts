import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'

/** `$steps.read`, `$steps."read"`: how an expression names a step. */
const REFERENCE = /\$steps\s*\.\s*["'`]?([A-Za-z_][A-Za-z0-9_]*)/g

/**
 * The steps that must end before `step` begins: those it names under `needs`, then those its
 * expressions read.
 *
 * @remarks The definition was checked before it ran, so a look at the text is enough; names that
 * are no steps are left out.
 */
export function needsOf(step: JsonObject, known: ReadonlySet<string>): readonly string[] {
  const { needs } = step
  const named = typeof needs === 'string' ? [needs] : Array.isArray(needs) ? needs : []
  const found = new Set<string>()
  for (const name of named) if (typeof name === 'string' && known.has(name)) found.add(name)
  for (const text of expressionsOf(step)) {
    for (const [, name] of text.matchAll(REFERENCE)) {
      if (name !== undefined && known.has(name)) found.add(name)
    }
  }
  return [...found]
}

/** Members whose expressions are evaluated before or while the step runs, or after it. */
const READ = ['with', 'when', 'forEach', 'repeat', 'output', 'onError']

function expressionsOf(step: JsonObject): readonly string[] {
  const texts: string[] = []
  for (const member of READ) {
    const value = step[member]
    // Expressions of a workflow written in place belong to the run that it becomes.
    if (member === 'with' && step['uses'] === 'workflow' && isJsonObject(value)) {
      collect({ ...value, definition: null }, texts)
    } else if (value !== undefined) collect(value, texts)
  }
  return texts
}

function collect(value: Json, texts: string[]): void {
  if (typeof value === 'string') {
    if (value.includes('{%')) texts.push(value)
  } else if (Array.isArray(value)) {
    for (const item of value) collect(item, texts)
  } else if (isJsonObject(value)) {
    for (const member of Object.values(value)) collect(member, texts)
  }
}
