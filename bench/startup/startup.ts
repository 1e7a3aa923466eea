import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ROOT } from '../lib/product.ts'
import { type Bench, type BenchContext, type Figure, figureOf } from '../lib/report.ts'

const CLI = join(ROOT, 'dist/bin/prsm.js')
const ROUNDS = 7

/** How long a person waits for the first step, and what an idle server holds in memory. */
export const startupBench: Bench = {
  name: 'startup',
  about:
    'time to the first step of `prsm run`, at the very first start and afterwards; memory of an idle server',
  async run({ say }: BenchContext) {
    const first: number[] = []
    const again: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const folder = mkdtempSync(join(tmpdir(), 'prsm-startup-'))
      const file = join(folder, 'flow.yaml')
      writeFileSync(
        file,
        'apiVersion: prsm/v1\nname: hello\nsteps: { a: { uses: transform, with: { value: 1 } } }\n',
      )
      first.push(timeToFirstStep(folder, file))
      again.push(timeToFirstStep(folder, file))
      rmSync(folder, { recursive: true, force: true })
      say(`round ${round + 1}: first ${first.at(-1)} ms, again ${again.at(-1)} ms`)
    }
    const memory = await idleMemory(say)
    const common = { unit: 'ms', better: 'lower' } as const
    return [
      figureOf({ metric: 'first_step_ms.first_start', ...common }, first),
      figureOf({ metric: 'first_step_ms.later_start', ...common }, again),
      ...memory,
    ]
  },
}

/** From the start of the process to the first step's start, as the journal has it, milliseconds. */
function timeToFirstStep(folder: string, file: string): number {
  const start = Date.now()
  const { stdout, status } = spawnSync(process.execPath, [CLI, 'run', file, '--json'], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`prsm run ended with ${status}`)
  const { id } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { id: string }
  const logs = spawnSync(process.execPath, [CLI, 'logs', id, '--json'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const events = logs.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; at: number })
  const begun = events.find(({ kind }) => kind === 'step.started')
  if (begun === undefined) throw new Error('no step was begun')
  return begun.at - start
}

/** Proportional set size of an idle server and its database, MB. */
async function idleMemory(say: (line: string) => void): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'prsm-idle-'))
  const server = spawn(process.execPath, [CLI, 'serve', '--port', '0'], {
    cwd: folder,
    stdio: 'ignore',
    detached: true,
  })
  const measured: number[] = []
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    measured.push(memoryOf(server.pid ?? 0, folder))
  }
  server.kill('SIGTERM')
  await new Promise((resolve) => server.once('exit', resolve))
  rmSync(folder, { recursive: true, force: true })
  say(`idle server and database: ${measured.at(-1)} MB`)
  return [figureOf({ metric: 'idle_memory_mb', unit: 'MB', better: 'lower' }, measured)]
}

/** The server itself and every process that works in its folder. */
function memoryOf(pid: number, folder: string): number {
  let total = 0
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    if (Number(name) === pid || belongsTo(name, folder)) total += pssOf(name)
  }
  return Math.round(total / 1024)
}

function belongsTo(pid: string, folder: string): boolean {
  const { stdout } = spawnSync('readlink', [`/proc/${pid}/cwd`], { encoding: 'utf8' })
  return stdout.startsWith(folder)
}

function pssOf(pid: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0)
  } catch {
    return 0
  }
}
