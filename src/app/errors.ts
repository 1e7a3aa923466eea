import { PlatformError } from '../kernel/errors.ts'
import type { RunRecord } from '../workflow/index.ts'

/** Thrown when a run that was waited for did not complete. */
export class RunFailedError extends PlatformError {
  readonly code = 'workflow.run-failed'
  readonly run: RunRecord

  constructor(run: RunRecord) {
    const reason = run.error === undefined ? '' : `: ${run.error.message}`
    super(`run ${run.id} is ${run.status}${reason}`, {
      hint: `prsm show ${run.id} tells what happened`,
      details: { run: run.id, status: run.status },
    })
    this.run = run
  }
}
