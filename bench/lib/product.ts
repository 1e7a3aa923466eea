import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

import type * as Prsm from '../../src/index.ts'

/** Root of the package. */
export const ROOT = resolve(import.meta.dirname, '../..')

/** The compiled product: what is measured is what is shipped. */
export async function loadProduct(): Promise<typeof Prsm> {
  const entry = join(ROOT, 'dist/index.js')
  if (!existsSync(entry)) throw new Error('dist/ is missing: npm run build')
  return (await import(entry)) as typeof Prsm
}
