import { InvalidReferenceError } from './errors.ts'

/** Names a saved workflow, and a version of it. */
export interface WorkflowReference {
  /** The tenant it belongs to; absent: that of whoever asks. */
  readonly tenant?: string
  readonly name: string
  /** A number, a tag or `latest`; absent: the newest one. */
  readonly version?: string
}

const FORM =
  /^(?:([a-z0-9_-]{1,64})\/)?([a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)(?:@(\d{1,10}|[a-z][a-z0-9_.-]{0,63}))?$/

/** Reads `[TENANT/]NAME[@VERSION]`. @throws {@link InvalidReferenceError} */
export function parseReference(text: string): WorkflowReference {
  const [, tenant, name, version] = FORM.exec(text) ?? []
  if (name === undefined) throw new InvalidReferenceError(text)
  return {
    name,
    ...(tenant !== undefined && { tenant }),
    ...(version !== undefined && { version }),
  }
}
