import { canonicalJson } from '../kernel/canonical-json.ts'
import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'

import type { DefinitionDiff, FieldChange } from './schema.ts'

type StepChange = DefinitionDiff['steps'][number]

/**
 * What differs between two definitions: fields outside of the steps, and steps by name.
 *
 * @remarks Maps are compared member by member, lists as a whole. Steps stand in the order of their
 * names. Laws: a definition does not differ from itself, and what is added one way is removed the
 * other way.
 */
export function diffDefinitions(before: JsonObject, after: JsonObject): DefinitionDiff {
  const head = compareMembers(withoutSteps(before), withoutSteps(after), '')
  const steps = compareSteps(stepsOf(before), stepsOf(after))
  return {
    isEqual: head.length === 0 && steps.length === 0,
    head,
    steps,
    text: [...head.map((change) => fieldLine(change, '')), ...steps.flatMap(stepLines)],
  }
}

function withoutSteps({ steps: _steps, ...head }: JsonObject): JsonObject {
  return head
}

/** Steps that are no map are told of as a field would be. */
function stepsOf({ steps }: JsonObject): JsonObject {
  return isJsonObject(steps) ? steps : {}
}

function compareSteps(before: JsonObject, after: JsonObject): StepChange[] {
  return namesOf(before, after).flatMap((step): StepChange[] => {
    const [old, now] = [before[step], after[step]]
    const fields = compareMembers(asObject(old), asObject(now), '')
    if (old === undefined) return [{ step, change: 'added', fields }]
    if (now === undefined) return [{ step, change: 'removed', fields }]
    return fields.length === 0 ? [] : [{ step, change: 'changed', fields }]
  })
}

function asObject(value: Json | undefined): JsonObject {
  if (isJsonObject(value)) return value
  return value === undefined ? {} : { '': value }
}

function compareMembers(before: JsonObject, after: JsonObject, base: string): FieldChange[] {
  return namesOf(before, after).flatMap((name) =>
    compare(
      before[name],
      after[name],
      base === '' ? shownName(name) : `${base}.${shownName(name)}`,
    ),
  )
}

function compare(before: Json | undefined, after: Json | undefined, path: string): FieldChange[] {
  if (isJsonObject(before) && isJsonObject(after)) return compareMembers(before, after, path)
  if (before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after))
    return []
  return [
    {
      path,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    },
  ]
}

/** A name with anything unusual in it stands in quotes, so that no two paths look the same. */
function shownName(name: string): string {
  return /^[\w$-]+$/.test(name) ? name : JSON.stringify(name)
}

function namesOf(before: JsonObject, after: JsonObject): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted()
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const

function stepLines({ step, change, fields }: StepChange): readonly string[] {
  return [`${SIGNS[change]} step ${step}`, ...fields.map((field) => fieldLine(field, '    '))]
}

function fieldLine({ path, before, after }: FieldChange, indent: string): string {
  if (before === undefined) return `${indent}+ ${path}: ${shown(after)}`
  if (after === undefined) return `${indent}- ${path}: ${shown(before)}`
  return `${indent}~ ${path}: ${shown(before)} → ${shown(after)}`
}

/** Longest value of a line, in characters. */
const LONGEST = 200

function shown(value: Json | undefined): string {
  const text = JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
