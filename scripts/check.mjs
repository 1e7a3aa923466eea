/**
 * Everything that must hold before a commit, in under a minute: types, lint and module borders,
 * format, dead code, unit tests. Runs what it can side by side and shows only what failed.
 *
 *   node scripts/check.mjs [--without-tests]
 */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
const SOURCES = ['src', 'test', 'bench', 'scripts', 'examples']
const CHECKS = {
  types: [
    'typescript/bin/tsc',
    '-p',
    'tsconfig.json',
    '--incremental',
    '--tsBuildInfoFile',
    'node_modules/.cache/check.tsbuildinfo',
  ],
  lint: ['oxlint/bin/oxlint', '--type-aware', ...SOURCES],
  format: ['oxfmt/bin/oxfmt', '--check', '.'],
  'dead code': ['knip/bin/knip.js'],
  'unit tests': ['vitest/vitest.mjs', 'run', '--project', 'unit'],
}

const begun = performance.now()
const isWithoutTests = process.argv.includes('--without-tests')
const waiting = Object.entries(CHECKS)
  .filter(([name]) => !(isWithoutTests && name === 'unit tests'))
  .toReversed()
const total = waiting.length
let failed = 0
// Two lanes: the unit tests fill one core for as long as the rest takes on the other.
await Promise.all([lane(), lane()])
console.log(failed === 0 ? `all good in ${seconds(begun)}` : `${failed} of ${total} failed`)
process.exitCode = failed === 0 ? 0 : 1

async function lane() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await check(...next)
}

async function check(name, [tool, ...args]) {
  const start = performance.now()
  const child = spawn(process.execPath, [resolve(ROOT, 'node_modules', tool), ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  })
  const output = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => output.push(chunk))
  const status = await new Promise((done) => child.on('close', done))
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds(start)})`)
  if (status === 0) return
  failed++
  console.log(Buffer.concat(output).toString())
}

function seconds(start) {
  return `${((performance.now() - start) / 1_000).toFixed(1)} s`
}
