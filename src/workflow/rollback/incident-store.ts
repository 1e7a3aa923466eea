import type { Incident, IncidentState } from './schema.ts'

/** Which incidents are listed, the latest first. */
export interface IncidentRange {
  readonly tenant: string
  readonly state?: IncidentState
  readonly run?: string
  readonly before?: string
  readonly limit: number
}

/** Where incidents are kept; they are written together with the events that tell of them. */
export interface IncidentStore {
  list(range: IncidentRange): Promise<readonly Incident[]>
  find(tenant: string, id: string): Promise<Incident | undefined>
}

/** The id of an incident, by its run and its number in there. */
export function incidentId(run: string, incident: number): string {
  return `inc_${run.replace(/^run_/, '')}_${incident}`
}
