import type { ErrorRecord } from '../../kernel/errors.ts'
import type { Resolution } from '../rollback/schema.ts'

/** What a person or program asks of a run. */
export type Control =
  | { readonly action: 'cancel'; readonly by: string; readonly reason?: string }
  | { readonly action: 'pause'; readonly by: string }
  | { readonly action: 'interrupt'; readonly by: string }
  | { readonly action: 'resume'; readonly by: string; readonly budget?: bigint }
  | { readonly action: 'rollback'; readonly by: string; readonly to?: string }
  | {
      readonly action: 'resolve'
      readonly by: string
      readonly resolution: Resolution
      readonly note?: string
    }
  /** An incident was finished by hand. */
  | {
      readonly action: 'close-incident'
      readonly by: string
      readonly incident: number
      readonly note?: string
    }

/** Why a request makes no sense for a run as it is. */
export interface ControlRefusal extends ErrorRecord {
  readonly code: 'workflow.not-possible'
}

/** The refusal of a request that the state of a run does not allow. */
export function notPossible(action: Control['action'], status: string): ControlRefusal {
  return {
    code: 'workflow.not-possible',
    message: `cannot ${action} a run that is ${status}`,
    details: { action, status },
  }
}
