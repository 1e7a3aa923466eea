/**
 * Brings a clone to where it can be used: installs what package-lock.json names and, if asked,
 * builds. Does nothing when nothing has changed.
 *
 *   node scripts/prepare.mjs [build]
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
const INSTALLED = join(ROOT, 'node_modules/.prsm-installed')
const BUILT = join(ROOT, 'dist/.prsm-built')

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: PRSM needs 20.19 or newer`)
  process.exit(1)
}
step(INSTALLED, digest(['package.json', 'package-lock.json']), {
  says: 'installing packages',
  run: [npm(), ['ci', '--no-audit', '--no-fund', '--loglevel=error']],
})
if (process.argv[2] === 'build') {
  const sources = [
    'src',
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/build.mjs',
    'package-lock.json',
  ]
  step(BUILT, digest(sources), {
    says: 'building',
    run: [process.execPath, [join(ROOT, 'scripts/build.mjs')]],
  })
}

/** Runs a command unless it ended well for the same files before. */
function step(mark, wanted, { says, run: [command, args] }) {
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return
  console.error(`${says}…`)
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell: command.endsWith('.cmd'),
  })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
  writeFileSync(mark, wanted)
}

/** What files and folders hold: by content for files, by name, size and time for folders. */
function digest(names) {
  const hash = createHash('sha256')
  for (const name of names) {
    const path = join(ROOT, name)
    if (!statSync(path).isDirectory()) hash.update(readFileSync(path))
    else {
      for (const file of readdirSync(path, { recursive: true, encoding: 'utf8' }).toSorted()) {
        const { size, mtimeMs } = statSync(join(path, file))
        hash.update(`${file} ${size} ${mtimeMs}\n`)
      }
    }
  }
  return hash.digest('hex')
}

function npm() {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm'
}
