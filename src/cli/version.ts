import { readFileSync } from 'node:fs'

/** The version of PRSM, as its package.json states it. */
export function readVersion(): string {
  // The same distance from `src/cli` and, compiled, from `dist/cli`.
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version }: { readonly version: string } = JSON.parse(text)
  return version
}
