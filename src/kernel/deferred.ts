/** A promise that is settled from outside. */
export interface Deferred<Value> {
  readonly promise: Promise<Value>
  resolve(value: Value): void
  reject(fault: unknown): void
}

/** Makes an unsettled promise and its two ends. */
export function deferred<Value = void>(): Deferred<Value> {
  let resolve: Deferred<Value>['resolve'] | undefined
  let reject: Deferred<Value>['reject'] | undefined
  const promise = new Promise<Value>((onValue, onFault) => {
    resolve = onValue
    reject = onFault
  })
  if (resolve === undefined || reject === undefined) throw new TypeError('a promise runs at once')
  return { promise, resolve, reject }
}
