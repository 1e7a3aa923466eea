import { type Scope, scope } from './schema.ts'

/** Whether one of `held` is `needed` or includes it. */
export function allows(held: readonly Scope[], needed: Scope): boolean {
  const order = scope.options
  return held.some((each) => order.indexOf(each) >= order.indexOf(needed))
}
