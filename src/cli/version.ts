import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { packageRoot } from '../platform/sql/embedded/package-root.ts'

/** The version of PRSM, as its package.json states it. */
export function readVersion(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8')
  const { version }: { readonly version: string } = JSON.parse(text)
  return version
}
