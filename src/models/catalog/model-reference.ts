import { InvalidReferenceError } from '../request-errors.ts'

/** A provider and one of its models. */
export interface ModelReference {
  readonly provider: string
  readonly model: string
}

/** The reference of the offline model that is always there. */
export const BUILTIN = 'builtin'

/**
 * Splits `provider:model` at its first colon, so `ollama:llama3.2:3b` names `llama3.2:3b`.
 *
 * @throws {@link InvalidReferenceError} a part is missing; `builtin` alone is whole.
 */
export function parseModelReference(text: string): ModelReference {
  if (text === BUILTIN) return { provider: BUILTIN, model: BUILTIN }
  const colon = text.indexOf(':')
  const [provider, model] = [text.slice(0, colon), text.slice(colon + 1)]
  if (colon < 1 || model === '' || /\s/.test(text)) throw new InvalidReferenceError(text)
  return { provider, model }
}

/** The text of a reference, as requests name it. */
export function formatModelReference({ provider, model }: ModelReference): string {
  return provider === BUILTIN ? BUILTIN : `${provider}:${model}`
}
