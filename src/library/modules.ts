import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'

/** A module that a step of a definition calls. */
export interface CodeModule {
  /** The step; those of workflows in place stand behind the step they are in, with a dot. */
  readonly step: string
  readonly module: string
  /** What the module held when the definition was read. */
  readonly digest?: string
}

/** Every module that a definition calls, those of compensations and of workflows in place too. */
export function modulesIn({ steps }: JsonObject): readonly CodeModule[] {
  if (!isJsonObject(steps)) return []
  return Object.entries(steps).flatMap(([step, value]) => modulesOf(step, value))
}

function modulesOf(step: string, value: Json | undefined): readonly CodeModule[] {
  if (!isJsonObject(value)) return []
  const { uses, with: parameters, compensate } = value
  const given = isJsonObject(parameters) ? parameters : {}
  const { module, digest, definition } = given
  const inner =
    uses === 'workflow' && isJsonObject(definition)
      ? modulesIn(definition).map((each) => ({ ...each, step: `${step}.${each.step}` }))
      : []
  const own =
    uses === 'code' && typeof module === 'string'
      ? [{ step, module, ...(typeof digest === 'string' && { digest }) }]
      : []
  return [...own, ...inner, ...modulesOf(step, compensate)]
}
