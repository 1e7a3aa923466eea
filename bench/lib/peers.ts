import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT } from './product.ts'

/** Where peers are installed; kept between runs, never committed. */
const HOME = join(ROOT, 'bench/.peers')

/** DBOS Transact. */
export const DBOS_PACKAGES = { '@dbos-inc/dbos-sdk': '5.3.0', pg: '8.23.1' } as const

/** Installs packages from npm, once, into a folder of their own; `undefined` when that fails. */
export function installPeer(
  name: string,
  packages: Readonly<Record<string, string>>,
): string | undefined {
  const folder = join(HOME, name)
  const stamp = join(folder, 'installed.json')
  const wanted = JSON.stringify(packages)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return folder
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies: packages }),
  )
  try {
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      stdio: 'pipe',
    })
  } catch {
    return undefined
  }
  writeFileSync(stamp, wanted)
  return folder
}

/**
 * Runs a script of a peer in its folder, in a process of its own.
 *
 * @returns the last line it printed, as JSON; `undefined` when it failed or took too long.
 */
export async function runPeer<Result>(
  folder: string,
  {
    script,
    args,
    timeoutMs,
  }: { readonly script: string; readonly args: readonly string[]; readonly timeoutMs: number },
): Promise<Result | undefined> {
  const file = join(folder, 'bench.mjs')
  writeFileSync(file, script)
  const child = spawn(process.execPath, [file, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  await new Promise((resolve) => child.once('exit', resolve))
  clearTimeout(timer)
  const line = output.trim().split('\n').at(-1) ?? ''
  return line.startsWith('{') ? (JSON.parse(line) as Result) : undefined
}
