import { existsSync } from 'node:fs'

import type { Client } from '../../client/index.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { parseReference, type WorkflowReference } from '../../library/index.ts'
import { UsageError } from '../errors.ts'

/** The form of what names a saved workflow; a path with an extension does not have it. */
const REFERENCE = /^(?:[a-z0-9_-]+\/)?[a-z0-9-]+(?:@[a-z0-9_.-]+)?$/

/** Whether a text names a saved workflow, rather than a file or folder that is there. */
export function namesSaved(text: string): boolean {
  return REFERENCE.test(text) && !existsSync(text)
}

/** What `NAME` of a command stands for, which takes no version. @throws {@link UsageError} */
export function nameOf(text: string): Omit<WorkflowReference, 'version'> {
  const { version, ...name } = parseReference(text)
  if (version === undefined) return name
  throw new UsageError(`"${text}" names a version, and this is about the whole workflow`)
}

/** The definition of a saved workflow, or its outline where only that may be seen. */
export async function readSaved(client: Client, text: string): Promise<JsonObject> {
  const reference = parseReference(text)
  const { may } = await client.getWorkflow(reference)
  if (may.includes('read')) return (await client.getVersion(reference)).definition
  return client.getOutline(reference)
}
