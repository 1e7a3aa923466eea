import { isJsonObject, type Json } from '../../kernel/json.ts'
import { sealedIn, toSealed } from '../sealing.ts'

import type { HostDeps } from './deps.ts'
import { hiddenIn } from './opened.ts'
import type { UnitScope } from './prepare-unit.ts'

/** What a unit in the queue belongs to. */
export interface QueuedPlace {
  readonly tenant: string
  readonly task: string
}

/** What a unit in the queue is to be run with. */
export interface QueuedParameters {
  readonly parameters: Json
  /** Values that must not be in what it gives. */
  readonly hidden: readonly string[]
}

/** Parameters as they lie in the queue: sealed, if sensitive inputs may be in them. */
export async function toQueued(scope: UnitScope, task: string, parameters: Json): Promise<Json> {
  const { deps, tenant } = scope
  const hidden = hiddenIn(scope, [])
  if (hidden.length === 0) return deps.artifacts.deflate(parameters)
  const place = `task/${task}`
  const sealed = await toSealed(deps.sealing, { tenant, place }, { parameters, hidden })
  return deps.artifacts.deflate(sealed)
}

/** What {@link toQueued} has kept. */
export async function fromQueued(
  { artifacts, sealing }: HostDeps,
  { tenant, task }: QueuedPlace,
  kept: Json,
): Promise<QueuedParameters> {
  const parameters = await artifacts.inflate(kept)
  const sealed = sealedIn(parameters)
  if (sealed === undefined) return { parameters, hidden: [] }
  const opened = await sealing.open(tenant, `task/${task}`, sealed)
  const { parameters: inner = null, hidden = [] } = isJsonObject(opened) ? opened : {}
  return { parameters: inner, hidden: Array.isArray(hidden) ? hidden.map(String) : [] }
}

/** A checkpoint as it is kept: sealed, if its step knows what must not be seen. */
export async function toKeptCheckpoint(
  { sealing }: HostDeps,
  { tenant, task, hidden }: QueuedPlace & { readonly hidden: readonly string[] },
  value: Json,
): Promise<Json> {
  if (hidden.length === 0) return value
  return toSealed(sealing, { tenant, place: `task/${task}/checkpoint` }, value)
}

/** What {@link toKeptCheckpoint} has kept. */
export async function fromKeptCheckpoint(
  { sealing }: HostDeps,
  { tenant, task }: QueuedPlace,
  kept: Json | undefined,
): Promise<Json | undefined> {
  const sealed = sealedIn(kept)
  return sealed === undefined ? kept : sealing.open(tenant, `task/${task}/checkpoint`, sealed)
}
