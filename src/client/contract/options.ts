/** How a call is made. */
export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** How a call that changes something is made. */
export interface EffectOptions extends CallOptions {
  /**
   * Names the request: made again within 24 hours, also by another process, it has no second
   * effect. 8 to 200 visible ASCII characters.
   *
   * @defaultValue a new one per call
   */
  readonly idempotencyKey?: string
}

/** How a list is cut. */
export interface ListOptions extends CallOptions {
  /** Items of a page, 1 to 200. @defaultValue 50 */
  readonly limit?: number
}
