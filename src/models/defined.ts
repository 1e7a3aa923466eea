/** `Value` with every property that may be undefined made absent instead. */
export type Defined<Value> = {
  [Key in keyof Value as undefined extends Value[Key] ? Key : never]?: Exclude<
    Value[Key],
    undefined
  >
} & { [Key in keyof Value as undefined extends Value[Key] ? never : Key]: Value[Key] }

/** A copy of `value` without its undefined properties: `exactOptionalPropertyTypes` wants absence. */
export function defined<Value extends object>(value: Value): Defined<Value>
/** The same, as the compiler sees it from inside. */
export function defined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))
}
