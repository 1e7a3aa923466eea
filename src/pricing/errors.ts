import { PlatformError } from '../kernel/errors.ts'

/** Thrown when a model is used that the price list does not know. */
export class UnpricedModelError extends PlatformError {
  readonly code = 'pricing.unpriced-model'

  constructor(model: string) {
    super(`model "${model}" has no price`, {
      hint: 'add it, its provider ("openai:*") or "*" to "prices" in the configuration',
      details: { model },
    })
  }
}
