import { isJsonObject, type JsonObject } from '../kernel/json.ts'

import type { CompiledWorkflow } from './definition/compiled.ts'

/** An input that names a file or folder of the user's. */
export interface FileInput {
  /** Name of the input. */
  readonly name: string
  readonly kind: 'file' | 'directory'
  /** Where it is, as the user gave it. */
  readonly path: string
  /** Extensions that are taken, with their dot; empty: all. */
  readonly accept: readonly string[]
}

/** What was found at a file input. */
export interface FoundFiles {
  readonly files: number
  readonly bytes: number
}

/**
 * Brings the user's files into a run's own folder.
 *
 * @remarks A run works on what the files held when it was submitted: they are copied, so that it
 * gives the same after a crash, and so that its steps need no access to anything else.
 */
export interface InputFiles {
  /** Looks without copying. @throws when the path may not be read, or is too large. */
  measure(input: FileInput): Promise<FoundFiles>
  /** Copies into the folder of `run`, under the input's name; gives the path within that folder. */
  bring(run: string, input: FileInput): Promise<FoundFiles & { readonly path: string }>
}

/** The inputs of a run that name files: `format: file` or `format: directory` in the schema. */
export function fileInputsOf(workflow: CompiledWorkflow, inputs: JsonObject): readonly FileInput[] {
  const properties = workflow.definition.inputs?.['properties']
  if (!isJsonObject(properties)) return []
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = inputs[name]
    if (!isJsonObject(schema) || typeof path !== 'string' || path === '') return []
    const kind = schema['format']
    if (kind !== 'file' && kind !== 'directory') return []
    const accept = schema['accept']
    const extensions = Array.isArray(accept)
      ? accept.filter((each) => typeof each === 'string')
      : []
    return [{ name, kind, path, accept: extensions }]
  })
}
