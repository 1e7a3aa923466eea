import { PlatformError } from '../kernel/errors.ts'
import type { FileInput, RunRecord } from '../workflow/index.ts'

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

/** Thrown when PRSM was closed while a run was waited for. */
export class RunLeftError extends PlatformError {
  readonly code = 'workflow.run-left'

  constructor(run: string) {
    super(`PRSM was closed before run ${run} had ended`, {
      hint: 'nothing is lost: any worker that claims runs goes on with it',
      details: { run },
    })
  }
}

/** Thrown when an input names a file or folder that is not there. */
export class InputNotFoundError extends PlatformError {
  readonly code = 'workflow.input-not-found'

  constructor(input: string, path: string) {
    super(`input "${input}" names "${path}", and nothing is there`, {
      hint: 'check the path; relative ones are taken from the current folder',
      details: { input, path },
    })
  }
}

/** Thrown when an input names a file outside of the folders that may be named. */
export class InputOutsideRootsError extends PlatformError {
  readonly code = 'workflow.input-outside'

  constructor(input: string, path: string) {
    super(
      `input "${input}" names "${path}", which is outside of the folders that inputs may name`,
      {
        hint: 'add its folder to "inputRoots" of the server, or run the workflow with the command line',
        details: { input, path },
      },
    )
  }
}

/** Thrown when nothing of what an input names is taken. */
export class NoInputFilesError extends PlatformError {
  readonly code = 'workflow.no-input-files'

  constructor({ name, path, accept }: FileInput, skipped: number) {
    const wanted = accept.length === 0 ? 'files' : `${accept.join(', ')} files`
    super(`input "${name}" names "${path}", which has no ${wanted}; ${skipped} others are there`, {
      hint: 'name another folder, or convert the documents',
      details: { input: name, path, accept: [...accept], skipped },
    })
  }
}
