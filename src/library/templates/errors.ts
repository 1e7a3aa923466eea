import { PlatformError } from '../../kernel/errors.ts'

/** Thrown when a template does not hold together. */
export class InvalidTemplateError extends PlatformError {
  readonly code = 'library.invalid-template'

  constructor(problems: readonly string[]) {
    super(`the template is not valid: ${problems.join('; ')}`, {
      hint: 'docs/library.md says how templates are written',
      details: { problems: [...problems] },
    })
  }
}

/** Thrown when a template is filled in with what does not fit. */
export class InvalidParametersError extends PlatformError {
  readonly code = 'library.invalid-parameters'

  constructor(issues: readonly { readonly path: string; readonly message: string }[]) {
    const list = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    super(`the parameters do not fit: ${list.join('; ')}`, {
      hint: 'give them as --set name=value; prsm template show says which there are',
      details: { issues: issues.map((issue) => ({ ...issue })) },
    })
  }
}

/** Thrown when there is no such template, or whoever asks may not know of it. */
export class UnknownTemplateError extends PlatformError {
  readonly code = 'library.unknown-template'

  constructor(name: string) {
    super(`there is no template "${name}"`, {
      hint: 'prsm template ls lists those there are; write TENANT/NAME for one of another tenant',
      details: { name },
    })
  }
}

/** Thrown when somebody rates what is their own. */
export class OwnTemplateError extends PlatformError {
  readonly code = 'library.own-template'

  constructor(name: string) {
    super(`"${name}" is a template of your own`, {
      hint: 'ratings are those of other tenants',
      details: { name },
    })
  }
}

/** Thrown when somebody changes a template that is not theirs. */
export class ForeignTemplateError extends PlatformError {
  readonly code = 'library.foreign-template'

  constructor(name: string) {
    super(`"${name}" is not yours to change`, {
      hint: `make one of your own: prsm template fork ${name}`,
      details: { name },
    })
  }
}
