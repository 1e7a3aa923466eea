import { parseDurationMs } from '../../kernel/duration.ts'
import type { Context } from '../context.ts'

/** The time that was `duration` ago. @throws InvalidDurationError */
export function sinceOf({ clock }: Context, duration: string): number {
  return Math.max(0, clock.now() - parseDurationMs(duration))
}
