/**
 * `value`, which the caller knows to be there.
 *
 * @throws {TypeError} it is not: the caller's reasoning is wrong, not its input.
 */
export function present<Value>(value: Value | undefined, what = 'value'): Value {
  if (value === undefined) throw new TypeError(`${what} is missing`)
  return value
}
