import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'

import type { CompiledWorkflow } from './definition/compiled.ts'

/** Seals values for the place where they are kept, and opens them for whoever may see them. */
export interface Sealing {
  seal(tenant: string, about: string, value: Json): Promise<string>
  /** @throws a typed error when anything is not as it was sealed. */
  open(tenant: string, about: string, sealed: string): Promise<Json>
}

/** What doors show in the place of a sealed value. */
export const SEALED = '[sealed]'

/** The sealed text in a value; `undefined` when it is a plain one. */
export function sealedIn(value: Json | undefined): string | undefined {
  if (!isJsonObject(value)) return undefined
  const { $sealed: sealed, ...rest } = value
  return typeof sealed === 'string' && Object.keys(rest).length === 0 ? sealed : undefined
}

/** A value as it is kept when it is sealed. */
export async function toSealed(
  sealing: Sealing,
  { tenant, place }: { readonly tenant: string; readonly place: string },
  value: Json,
): Promise<JsonObject> {
  return { $sealed: await sealing.seal(tenant, place, value) }
}

/** Where an input of a run belongs. */
export function placeOfInput(run: string, name: string): string {
  return `run/${run}/input/${name}`
}

/** Whose inputs are sealed. */
export interface SealedRun {
  readonly id: string
  readonly tenant: string
  readonly workflow: Pick<CompiledWorkflow, 'isSensitive'>
}

/** The inputs as they are recorded: sensitive ones sealed for this run. */
export async function sealInputs(
  sealing: Sealing,
  { id, tenant, workflow: { isSensitive } }: SealedRun,
  inputs: JsonObject,
): Promise<JsonObject> {
  if (isSensitive === undefined) return inputs
  const sealed = Object.entries(inputs).map(async ([name, value]) => {
    if (!isSensitive(name)) return [name, value] as const
    return [
      name,
      await toSealed(sealing, { tenant, place: placeOfInput(id, name) }, value),
    ] as const
  })
  return Object.fromEntries(await Promise.all(sealed))
}

/** The inputs without those that are sensitive, for whatever is kept in the clear. */
export function maskSensitive(
  { isSensitive }: Pick<CompiledWorkflow, 'isSensitive'>,
  inputs: JsonObject,
): JsonObject {
  if (isSensitive === undefined) return inputs
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, isSensitive(name) ? SEALED : value]),
  )
}

/** The inputs as those see them who may not know sensitive ones. */
export function maskInputs(inputs: JsonObject): JsonObject {
  const isSealed = Object.values(inputs).some((value) => sealedIn(value) !== undefined)
  if (!isSealed) return inputs
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      name,
      sealedIn(value) === undefined ? value : SEALED,
    ]),
  )
}

/** The inputs of a run as they were given. */
export async function unsealInputs(
  sealing: Sealing,
  { id, tenant }: Pick<SealedRun, 'id' | 'tenant'>,
  inputs: JsonObject,
): Promise<JsonObject> {
  const opened = Object.entries(inputs).map(async ([name, value]) => {
    const sealed = sealedIn(value)
    if (sealed === undefined) return [name, value] as const
    return [name, await sealing.open(tenant, placeOfInput(id, name), sealed)] as const
  })
  return Object.fromEntries(await Promise.all(opened))
}

/** What is recorded of an event, as doors show it. */
export function maskSealed(data: JsonObject): JsonObject {
  const inputs = data['inputs']
  if (!isJsonObject(inputs)) return data
  const shown = maskInputs(inputs)
  return shown === inputs ? data : { ...data, inputs: shown }
}
