/** One measured figure, as the contract of benchmarks wants it. */
export interface Figure {
  readonly metric: string
  readonly value: number
  readonly unit: string
  readonly better: 'higher' | 'lower'
  /** Measurements behind the value, which is their median unless `metric` says otherwise. */
  readonly n: number
  /** Smallest and largest of the measurements. */
  readonly interval?: readonly [number, number]
  /** The same work done by others in the same run. */
  readonly baselines?: Readonly<Record<string, number>>
}

/** What a benchmark is given. */
export interface BenchContext {
  /** Folder of the data sets. */
  readonly dataDir: string
  /** Tells how it goes; kept away from standard output when that is to be JSON. */
  readonly say: (line: string) => void
  /** Small sizes and few rounds, to see that it works; not to be reported. */
  readonly isQuick: boolean
}

/** A benchmark. */
export interface Bench {
  readonly name: string
  readonly about: string
  run(context: BenchContext): Promise<readonly Figure[]>
}

/** The middle of some measurements. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >>> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The value below which a share of some measurements lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** The geometric mean of some ratios. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

/** A figure from several measurements of the same thing. */
export function figureOf(
  given: Omit<Figure, 'value' | 'n' | 'interval'>,
  measured: readonly number[],
): Figure {
  return {
    ...given,
    value: round(median(measured)),
    n: measured.length,
    interval: [round(Math.min(...measured)), round(Math.max(...measured))],
  }
}

/** Four significant digits: more would pretend a precision that is not there. */
export function round(value: number): number {
  return Number(value.toPrecision(4))
}

/** The figures as people read them. */
export function table(figures: readonly Figure[]): string {
  const lines = figures.map(({ metric, value, unit, better, interval, baselines, n }) => {
    const range = interval === undefined ? '' : ` [${interval[0]} – ${interval[1]}]`
    const peers = Object.entries(baselines ?? {})
      .map(
        ([name, other]) =>
          `${name} ${other} (${round(better === 'higher' ? value / other : other / value)}×)`,
      )
      .join(', ')
    return `${metric.padEnd(34)} ${String(value).padStart(10)} ${unit}${range}, n=${n}${peers === '' ? '' : `\n${' '.repeat(35)}beside: ${peers}`}`
  })
  return lines.join('\n')
}
