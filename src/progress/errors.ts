import { PlatformError } from '../kernel/errors.ts'

/** Thrown when nothing is promised of a workflow. */
export class UnknownSlaError extends PlatformError {
  readonly code = 'progress.unknown-sla'

  constructor(workflow: string) {
    super(`nothing is promised of workflow "${workflow}"`, {
      hint: 'prsm sla ls lists what is promised',
      details: { workflow },
    })
  }
}

/** Thrown when there is no alert of this id. */
export class UnknownAlertError extends PlatformError {
  readonly code = 'progress.unknown-alert'

  constructor(id: string) {
    super(`there is no alert ${id}`, { hint: 'prsm alerts ls lists them', details: { id } })
  }
}
