/**
 * How a running step is told to stop.
 *
 * @remarks Stands before an AbortController, which costs more to make and collect than a short step
 * takes to run; one is made only for a step that asks for its signal.
 */
export interface Stop {
  /** What aborts when the step is to stop. */
  readonly signal: AbortSignal
  /** Tells the step to stop; only the first reason counts. */
  stop(reason: Error): void
  /** Calls `callback` when the step is to stop, at once when that was before. */
  onStop(callback: (reason: Error) => void): void
}

/** Builds the stop of one try. */
export function createStop(): Stop {
  return new LazyStop()
}

class LazyStop implements Stop {
  #reason: Error | undefined
  #callback: ((reason: Error) => void) | undefined
  #controller: AbortController | undefined

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  stop(reason: Error): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    this.#controller?.abort(reason)
    this.#callback?.(reason)
  }

  onStop(callback: (reason: Error) => void): void {
    this.#callback = callback
    if (this.#reason !== undefined) callback(this.#reason)
  }
}
