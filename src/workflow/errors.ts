import { type ErrorRecord, PlatformError } from '../kernel/errors.ts'
import type { JsonObject } from '../kernel/json.ts'
import { formatFtns, toMicroFtns } from '../kernel/money.ts'

import type { Problem } from './definition/schema.ts'

/** Thrown when another worker has taken a run over: whatever this one still does must be dropped. */
export class FencedError extends PlatformError {
  readonly code = 'workflow.fenced'

  constructor(run: string, cause?: unknown) {
    super(`run ${run} was taken over by another worker`, {
      details: { run },
      ...(cause !== undefined && { cause }),
    })
  }
}

/** Thrown when events of a run are missing: it is not gone on with, since all that follows may be wrong. */
export class BrokenHistoryError extends PlatformError {
  readonly code = 'workflow.history-broken'

  constructor(run: string, version: number) {
    super(`the history of run ${run} has a gap before its event ${version}`, {
      hint: `prsm debug ${run} --verify says where; restore the database, or begin the run anew`,
      details: { run, version },
    })
  }
}

/** Thrown when a definition has problems. */
export class InvalidDefinitionError extends PlatformError {
  readonly code = 'workflow.invalid-definition'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    const [first] = problems
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
    super(`the definition is not valid: ${first?.message ?? ''}${more}`, {
      hint: 'prsm validate FILE lists every problem with its place',
      details: { problems: problems.map(toDetails) },
    })
    this.problems = problems
  }
}

function toDetails(problem: Problem): JsonObject {
  const { code, message, path, line, column } = problem
  const place = line !== undefined && column !== undefined && { line, column }
  return { code, message, path, ...place }
}

/** Thrown when the inputs of a run do not fit the definition. */
export class InvalidInputsError extends PlatformError {
  readonly code = 'workflow.invalid-inputs'

  constructor(issues: readonly { readonly path: string; readonly message: string }[]) {
    const list = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    super(`the inputs do not fit: ${list.join('; ')}`, {
      hint: 'give inputs as --input name=value; the definition says which there are under "inputs"',
      details: { issues: issues.map((issue) => ({ ...issue })) },
    })
  }
}

/** Thrown when the history of a run has no such place. */
export class UnknownPlaceError extends PlatformError {
  readonly code = 'workflow.unknown-place'

  constructor(run: string, place: string, length: number) {
    super(`run ${run} has no place "${place}": nothing happened at it`, {
      hint: `name a step, an item such as read[7], or a number from 1 to ${length}; prsm debug ${run} lists them`,
      details: { run, place, length },
    })
  }
}

/** Thrown when there is no run of this id in the tenant. */
export class UnknownRunError extends PlatformError {
  readonly code = 'workflow.unknown-run'

  constructor(run: string) {
    super(`there is no run "${run}"`, {
      hint: 'prsm ls shows the runs there are',
      details: { run },
    })
  }
}

/** Thrown when a run is asked for that is so old that it would have been pruned. */
export class PrunedRunError extends PlatformError {
  readonly code = 'workflow.pruned'

  constructor(run: string) {
    super(`run ${run} is not kept any more`, {
      hint: 'ended runs are kept for as long as the setting "keepRunsDays" says; what was paid for it is in prsm wallet transfers',
      details: { run },
    })
  }
}

/** Thrown when a run cannot begin, or go on, for want of credit or because of its state. */
export class RefusedError extends PlatformError {
  readonly code: ErrorRecord['code']

  constructor(refusal: ErrorRecord) {
    super(refusal.message, {
      ...(refusal.hint !== undefined && { hint: refusal.hint }),
      ...(refusal.details !== undefined && { details: refusal.details }),
    })
    this.code = refusal.code
  }
}

/** What a step fails with when it took longer than its `timeout`. */
export class StepTimeoutError extends PlatformError {
  readonly code = 'workflow.timeout'

  constructor(step: string, timeoutMs: number) {
    super(`step "${step}" took longer than ${timeoutMs} ms`, {
      hint: 'raise "timeout", or add "retry"',
      details: { step, timeoutMs },
    })
  }
}

/** What a step fails with when another try may cost more than its run can still pay. */
export class OverBudgetError extends PlatformError {
  readonly code = 'workflow.over-budget'

  /** Amounts are µFTNS; `last` is what the try before failed with. */
  constructor(
    step: string,
    sums: {
      readonly needed: bigint
      readonly left: bigint
      readonly last?: { readonly code: string; readonly message: string }
    },
  ) {
    const [needed, left] = [toMicroFtns(sums.needed), toMicroFtns(sums.left)]
    super(
      `step "${step}" is not tried again: that may cost ${formatFtns(needed)}, and ${formatFtns(left)} of the budget is left`,
      {
        hint: 'prsm resume RUN --budget "… FTNS" goes on with a larger one',
        details: {
          step,
          needed: needed.toString(),
          left: left.toString(),
          ...(sums.last !== undefined && { last: sums.last }),
        },
      },
    )
  }
}

/** What a step fails with when its run ends before it does. */
export class StepAbortedError extends PlatformError {
  readonly code = 'workflow.aborted'

  constructor(step: string, reason: string) {
    super(`step "${step}" was stopped: ${reason}`, { details: { step, reason } })
  }
}

/** What a run fails with when it took longer than its `timeout`. */
export class RunTimeoutError extends PlatformError {
  readonly code = 'workflow.run-timeout'

  constructor(timeoutMs: number) {
    super(`the run took longer than ${timeoutMs} ms`, {
      hint: 'raise "timeout" in the definition; prsm resume goes on from what is done',
      details: { timeoutMs },
    })
  }
}

/** What stops a run that has not ended by its deadline. */
export class DeadlineMissedError extends PlatformError {
  readonly code = 'workflow.deadline-missed'

  constructor(deadline: number) {
    // oxlint-disable-next-line no-restricted-globals -- formatting, not asking for the time
    super(`the run had not ended by its deadline, ${new Date(deadline).toISOString()}`, {
      hint: 'give it a later deadline, a higher priority, or more workers; prsm resume goes on from here',
      details: { deadline },
    })
  }
}

/** Thrown when a secret that a step names is not set. */
export class MissingSecretError extends PlatformError {
  readonly code = 'workflow.missing-secret'

  constructor(name: string) {
    super(`secret "${name}" has no value`, {
      hint: `keep it with "prsm secrets set ${name}", or set PRSM_SECRET_${name} where the worker runs`,
      details: { name },
    })
  }
}

/** What a step fails with when it would put a sensitive input where everybody sees it. */
export class SensitiveValueError extends PlatformError {
  readonly code = 'workflow.sensitive-value'

  constructor(place: string) {
    super(`a sensitive input would be kept in the clear, as ${place}`, {
      hint: 'mark the input of a child workflow with "writeOnly: true" too; in a schedule, use a secret: prsm secrets set',
      details: { place },
    })
  }
}

/** What a step fails with when its `forEach` gives something that is not a list. */
export class NotAListError extends PlatformError {
  readonly code = 'workflow.not-a-list'

  constructor(step: string, given: string) {
    super(`"forEach" of step "${step}" gives ${given}, not a list`, {
      hint: 'write {% [ … ] %} around a path: where it finds one thing, it gives that thing itself',
      details: { step, given },
    })
  }
}

/** What a step fails with when this process does not know its function. */
export class UnknownFunctionError extends PlatformError {
  readonly code = 'workflow.unknown-function'

  constructor(workflow: string, name: string) {
    super(`workflow "${workflow}" has no function "${name}" in this process`, {
      hint: 'deploy the version of the code that the run was started with, or start a new run',
      details: { workflow, function: name },
    })
  }
}

/** Thrown when an input names a file where the user's files are out of reach. */
export class FilesNotAllowedError extends PlatformError {
  readonly code = 'workflow.files-not-allowed'

  constructor(input: string, path: string) {
    super(`input "${input}" names "${path}", and files cannot be read from here`, {
      hint: 'run the workflow with the command line where the files are',
      details: { input, path },
    })
  }
}

/** Thrown when a definition, or a file it names, cannot be read. */
export class UnreadableDefinitionError extends PlatformError {
  readonly code = 'workflow.unreadable'

  constructor(file: string, cause: Error) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
    super(`${file} cannot be read (${code})`, {
      hint: 'check the path; paths in a definition are relative to the definition itself',
      details: { file },
      cause,
    })
  }
}
