import { PlatformError } from '../kernel/errors.ts'
import { didYouMean } from '../kernel/nearest.ts'

/** Thrown when a text is not a model reference. */
export class InvalidReferenceError extends PlatformError {
  readonly code = 'models.invalid-reference'

  constructor(reference: string, hint = 'write "provider:model", such as "openai:gpt-5-mini"') {
    super(`"${reference}" is not a model reference`, { hint, details: { reference } })
  }
}

/** Thrown when no provider has the name. */
export class UnknownProviderError extends PlatformError {
  readonly code = 'models.unknown-provider'

  constructor(provider: string, known: readonly string[]) {
    super(`no model provider is named "${provider}"${didYouMean(provider, known)}`, {
      hint: `name one of ${known.join(', ')}, or configure "${provider}" as a provider`,
      details: { provider, known },
    })
  }
}

/** Thrown when a provider does not offer the model. */
export class UnknownModelError extends PlatformError {
  readonly code = 'models.unknown-model'

  constructor(provider: string, model: string, known: readonly string[]) {
    super(`provider ${provider} has no model "${model}"${didYouMean(model, known)}`, {
      hint: 'check the model’s name and the provider’s base URL',
      details: { provider, model },
    })
  }
}

/** Thrown when a provider's key is not set. */
export class MissingKeyError extends PlatformError {
  readonly code = 'models.no-key'

  constructor(provider: string, keyName: string) {
    super(`no key for model provider ${provider}: ${keyName} is not set`, {
      hint: `set ${keyName} in the environment, or use the model "builtin", which needs no key`,
      details: { provider, keyName },
    })
  }
}

/** Thrown when the provider settings contradict each other. */
export class InvalidProvidersError extends PlatformError {
  readonly code = 'models.invalid-providers'

  constructor(problem: string) {
    super(`the model providers are not usable: ${problem}`, { details: { problem } })
  }
}

/** Thrown when an output contract or tool input is not a JSON Schema that can be checked. */
export class InvalidSchemaError extends PlatformError {
  readonly code = 'models.invalid-schema'

  constructor(name: string, problem: string) {
    super(`"${name}" is not a usable JSON Schema: ${problem}`, {
      hint: 'write JSON Schema 2020-12 or draft 7 without remote references or look-around patterns',
      details: { name, problem },
    })
  }
}

/** Thrown when a task's input does not fit the task. */
export class InvalidTaskInputError extends PlatformError {
  readonly code = 'models.invalid-task-input'

  constructor(task: string, problems: readonly string[]) {
    super(`input of task ${task}: ${problems.join('; ')}`, { details: { task, problems } })
  }
}

/** Thrown when a task names a file, and nothing that was offered can read it. */
export class NoMaterialError extends PlatformError {
  readonly code = 'models.no-material'

  constructor(task: string, problem: string) {
    super(`task ${task} has no text to work on: ${problem}`, {
      hint: 'give `text`, or offer a tool named read_file that returns the text of `path`',
      details: { task, problem },
    })
  }
}

/** Thrown when an idempotency key comes back with another request. */
export class IdempotencyConflictError extends PlatformError {
  readonly code = 'models.idempotency-conflict'

  constructor(key: string) {
    super(`idempotency key "${key}" was used for another request`, {
      hint: 'use one key for one request',
      details: { key },
    })
  }
}

/** Thrown by a replaying fetch when a request was never recorded. */
export class UnrecordedRequestError extends PlatformError {
  readonly code = 'models.unrecorded-request'

  constructor(path: string, key: string) {
    super(`no recorded response for ${path} (${key})`, {
      hint: 'record it against the real provider, or correct the fixture’s request',
      details: { path, key },
    })
  }
}
