import type { z } from 'zod'

import { nearestName } from '../../kernel/nearest.ts'

import type { SourceDocument } from './document.ts'
import type { Path } from './path.ts'
import type { Problem } from './schema.ts'

/** Gathers what is wrong with one document, with places. */
export interface Problems {
  readonly list: readonly Problem[]
  add(
    path: Path,
    problem: { readonly code: string; readonly message: string; readonly hint?: string },
  ): void
  /** Adds what a schema found, under `base`, whose own names are `known`. */
  addIssues(base: Path, issues: readonly z.core.$ZodIssue[], known?: readonly string[]): void
}

/** More problems than this are not listed. */
const MAX_PROBLEMS = 200

/** Starts an empty list for a document. */
export function createProblems(source: SourceDocument): Problems {
  const list: Problem[] = []
  const add: Problems['add'] = (path, { code, message, hint }) => {
    if (list.length >= MAX_PROBLEMS) return
    list.push({
      code,
      message,
      ...(hint !== undefined && { hint }),
      ...(source.file !== undefined && { file: source.file }),
      path: path.join('.'),
      ...source.place(path),
    })
  }
  return {
    list,
    add,
    addIssues(base, issues, known = []) {
      for (const issue of flatten(issues)) {
        const path = [
          ...base,
          ...issue.path.map((key) => (typeof key === 'number' ? key : String(key))),
        ]
        for (const { extra, message, hint } of describe(issue, known)) {
          add(extra === undefined ? path : [...path, extra], {
            code: 'workflow.invalid-definition',
            message,
            ...(hint !== undefined && { hint }),
          })
        }
      }
    },
  }
}

type Issue = z.core.$ZodIssue

/** A union reports one issue for all of its members; the member that came furthest says most. */
function flatten(issues: readonly Issue[]): readonly Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union') return [issue]
    const deepest = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a))[0]
    if (deepest === undefined || depthOf(deepest) === 0) return [issue]
    return flatten(deepest).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
  })
}

function depthOf(issues: readonly Issue[]): number {
  return Math.max(
    0,
    ...issues.map(({ path, code }) => path.length + (code === 'unrecognized_keys' ? 1 : 0)),
  )
}

interface Description {
  readonly extra?: string
  readonly message: string
  readonly hint?: string
}

function describe(issue: Issue, known: readonly string[]): readonly Description[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const hint = issue.path.length === 0 ? suggest(key, known) : undefined
      return {
        extra: key,
        message: `"${key}" is not known here`,
        ...(hint !== undefined && { hint }),
      }
    })
  }
  if (issue.code === 'invalid_key') {
    const last = String(issue.path.at(-1))
    return [
      {
        message: `"${last}" is not a name for a step`,
        hint: 'use letters, digits and "_", starting with a letter: names are written $steps.name in expressions',
      },
    ]
  }
  if (issue.code === 'invalid_union')
    return [{ message: 'the value has none of the forms allowed here' }]
  return [{ message: issue.message.replace(/^Invalid input: /, '') }]
}

/** A hint that names the nearest of the known names, or all of them when they are few. */
export function suggest(name: string, known: Iterable<string>): string | undefined {
  const names = [...known]
  const nearest = nearestName(name, names)
  if (nearest !== undefined) return `did you mean "${nearest}"?`
  return names.length > 0 && names.length <= 12 ? `known are: ${names.join(', ')}` : undefined
}
