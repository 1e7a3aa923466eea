import { PlatformError } from '../../kernel/errors.ts'

/** Thrown when the tenant has no incident of this id. */
export class UnknownIncidentError extends PlatformError {
  readonly code = 'workflow.unknown-incident'

  constructor(incident: string) {
    super(`there is no incident "${incident}"`, {
      hint: 'prsm incidents ls --all lists those there are',
      details: { incident },
    })
  }
}
