import { PlatformError } from './errors.ts'

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Thrown when a text is not a duration. */
export class InvalidDurationError extends PlatformError {
  readonly code = 'duration.invalid'

  constructor(text: string) {
    super(`"${text}" is not a duration`, {
      hint: 'write a number and a unit, such as "500ms", "30s", "5m", "2h" or "1h30m"',
      details: { text },
    })
  }
}

/**
 * Milliseconds of a duration such as `500ms`, `30s`, `1h30m` or `2d`.
 *
 * @throws {@link InvalidDurationError} empty, negative, without a unit, or with an unknown unit.
 */
export function parseDurationMs(text: string): number {
  const compact = text.replaceAll(/\s+/g, '')
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(compact)) throw new InvalidDurationError(text)
  let total = 0
  for (const [, number, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    total += Number(number) * (UNIT_MS[unit ?? ''] ?? Number.NaN)
  }
  if (!Number.isSafeInteger(Math.round(total))) throw new InvalidDurationError(text)
  return Math.round(total)
}

/** A duration as people read it, two units at most: `850ms`, `12.4s`, `3m05s`, `2h10m`, `3d4h`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)}ms`
  if (durationMs < 60_000) return `${(Math.floor(durationMs / 100) / 10).toFixed(1)}s`
  const seconds = Math.floor(durationMs / 1_000)
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3_600)]
  if (hours === 0) return `${minutes}m${pad(seconds % 60)}s`
  if (hours < 24) return `${hours}h${pad(minutes % 60)}m`
  return `${Math.floor(hours / 24)}d${hours % 24}h`
}

function pad(value: number): string {
  return value.toString().padStart(2, '0')
}
