import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The folder of PRSM's own package.json, which `assets/` lies in.
 *
 * @remarks Found by walking up, because this file runs from `src/` and, compiled, from `dist/`.
 */
export function packageRoot(from: string = import.meta.dirname): string {
  const manifest = join(from, 'package.json')
  if (existsSync(manifest)) {
    const { name }: { readonly name?: string } = JSON.parse(readFileSync(manifest, 'utf8'))
    if (name === 'prsm') return from
  }
  const parent = dirname(from)
  if (parent === from) throw new Error(`no package.json of prsm above "${import.meta.dirname}"`)
  return packageRoot(parent)
}
