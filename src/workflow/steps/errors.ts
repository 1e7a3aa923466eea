import { PlatformError } from '../../kernel/errors.ts'

/** One parameter that does not fit, with where and why. */
export interface ParameterIssue {
  readonly path: string
  readonly message: string
}

/** Thrown when the parameters of a step, once its expressions are evaluated, do not fit its kind. */
export class InvalidParametersError extends PlatformError {
  readonly code = 'workflow.invalid-parameters'

  constructor(kind: string, issues: readonly ParameterIssue[]) {
    const list = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    super(`parameters of "${kind}" do not fit: ${list.join('; ')}`, {
      hint: `look at what the expressions in "with" give; docs/reference/steps.md describes "${kind}"`,
      details: { kind, issues: issues.map((issue) => ({ ...issue })) },
    })
  }
}
