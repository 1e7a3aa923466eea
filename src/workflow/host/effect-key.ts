import { type UnitRef, unitKey } from '../machine/events.ts'

/** What tells an effect from every other one. */
export interface EffectPlace {
  readonly run: string
  readonly ref: UnitRef
  readonly pass: number
  /** Times the step was undone or reset before: what is done anew is another effect. */
  readonly round: number
}

/** Names an effect: equal on every try of it. */
export function effectKey({ run, ref, pass, round }: EffectPlace): string {
  const unit = `${run}/${unitKey(ref)}${round === 0 ? '' : `/round-${round}`}`
  return pass === 1 ? unit : `${unit}/pass-${pass}`
}
