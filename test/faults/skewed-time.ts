/* oxlint-disable no-restricted-globals -- the time of a whole process is what is falsified here */
const realNow = Date.now.bind(Date)
let offsetMs = 0

/** From now on every part of this process, libraries included, sees a clock that is wrong by so much. */
export function skewTime(ms: number): void {
  offsetMs = ms
}

class SkewedDate extends Date {
  constructor(...given: readonly unknown[]) {
    if (given.length === 0) super(SkewedDate.now())
    // What it is given is the caller's affair, as with the class it stands for.
    else super(...(given as [number]))
  }

  static override now(): number {
    return realNow() + offsetMs
  }
}

globalThis.Date = SkewedDate as DateConstructor
