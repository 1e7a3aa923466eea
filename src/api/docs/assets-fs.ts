import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

/** Files of the package that the page needs, and their types. */
const ASSETS: Readonly<Record<string, string>> = {
  'favicon-32x32.png': 'image/png',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
}

const locate = createRequire(import.meta.url)

/** A file of the documentation page. */
export interface DocsAsset {
  readonly type: string
  readonly content: Uint8Array<ArrayBuffer>
}

/**
 * A file of Swagger UI, from where the package is installed; `undefined` when it is none of them.
 *
 * @remarks The package's own code never runs here, and neither does the telemetry of what it
 * depends on: files are read, nothing is imported.
 */
export async function readDocsAsset(name: string): Promise<DocsAsset | undefined> {
  const type = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined
  if (type === undefined) return undefined
  const content = await readFile(locate.resolve(`swagger-ui-dist/${name}`))
  return { type, content: new Uint8Array(content) }
}
