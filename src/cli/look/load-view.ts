import type { Event } from '../../client/index.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { applyToView, createRunView, type RunView } from '../../progress/index.ts'
import type { Session } from '../connection/session.ts'

/** A run with everything that happened in it so far. */
export interface LoadedRun {
  readonly definition: JsonObject
  readonly events: readonly Event[]
  readonly view: RunView
}

/** Reads a run and its history. */
export async function loadView({ client }: Session, run: string): Promise<LoadedRun> {
  const definition = await client.getDefinition(run)
  const events: Event[] = []
  for await (const event of client.listEvents(run, { limit: 200 })) events.push(event)
  return { definition, events, view: events.reduce(applyToView, createRunView(definition)) }
}
