import { RE2JS } from 're2js'

/**
 * A stand-in for `RegExp` whose matching time is linear in the text.
 *
 * @remarks
 * Expressions come from workflow authors; a pattern such as `(a+)+$` would stop the process when
 * matched by backtracking. Covers what JSONata uses: `source`, `flags`, `lastIndex`, `exec`.
 * Source: docs/sources.md#re2.
 */
export class LinearRegex {
  readonly source: string
  readonly flags: string
  lastIndex = 0
  readonly #pattern: RE2JS

  constructor(pattern: RegExp) {
    this.source = pattern.source
    this.flags = pattern.flags
    this.#pattern = RE2JS.compile(pattern.source, flagsOf(pattern))
  }

  /** The first match at or after `lastIndex`, in the form of `RegExp.prototype.exec`. */
  exec(text: string): RegExpExecArray | null {
    const matcher = this.#pattern.matcher(text)
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0
      return null
    }
    this.lastIndex = matcher.end()
    const groups = Array.from(
      { length: matcher.groupCount() + 1 },
      (_, group) => matcher.group(group) ?? '',
    )
    const result = Object.assign(groups, { index: matcher.start(), input: text })
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- group 0 is always there
    return result as unknown as RegExpExecArray
  }
}

function flagsOf(pattern: RegExp): number {
  const insensitive = pattern.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0
  return insensitive | (pattern.multiline ? RE2JS.MULTILINE : 0)
}
