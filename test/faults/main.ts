/**
 * Random workflows on a host whose workers, connections and servers fail:
 *
 *   npx tsx test/faults/main.ts --host embedded --runs 1000 --seed 1 --faults kill,stop
 *
 * Ends with 1 when anything differs from what undisturbed runs come to.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { compile } from '../support/compile.ts'

import { POINTS } from './director.ts'
import { disturb, type Report } from './disturb.ts'
import { FAULTS } from './messages.ts'
import { HOSTS } from './stage.ts'

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: 'embedded' },
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '3' },
    width: { type: 'string', default: '100' },
    every: { type: 'string', default: '60' },
    faults: { type: 'string', default: FAULTS.join(',') },
  },
})
const named = values.faults.split(',').filter(Boolean)
const faults = FAULTS.filter((fault) => named.includes(fault))
const host = HOSTS.find((name) => name === values.host)
if (host === undefined) throw new Error(`--host is one of ${HOSTS.join(', ')}`)
if (faults.length < named.length) throw new Error(`--faults are some of ${FAULTS.join(', ')}`)

/** Below `node_modules`, so that the compiled program finds packages; git ignores it. */
const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache')
await mkdir(CACHE, { recursive: true })
const folder = await mkdtemp(join(CACHE, 'prsm-faults-'))
try {
  const report = await disturb({
    host,
    seed: Number(values.seed),
    runs: Number(values.runs),
    faults,
    workers: Number(values.workers),
    width: Number(values.width),
    every: Number(values.every),
    program: await compile(join(import.meta.dirname, 'worker.ts'), folder),
    say,
  })
  tell(report)
  process.exitCode = report.deviations.length === 0 ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

function say(line: string): void {
  // oxlint-disable-next-line no-console -- what this program is for
  console.log(line)
}

function tell({
  runs,
  seconds,
  strikes,
  passes,
  takenOver,
  actedAgain,
  deviations,
  histories,
}: Report): void {
  say(`\n${runs} runs in ${seconds.toFixed(0)} s, ${strikes.length} faults`)
  for (const fault of faults) {
    const met = strikes.filter((strike) => strike.fault === fault)
    const elsewhere = met.filter(({ point }) => point === undefined).length
    say(`  ${fault.padEnd(10)} ${String(met.length).padStart(5)}, ${elsewhere} of them elsewhere`)
  }
  say('\npoint                passed    met by')
  for (const point of POINTS) {
    const met = strikes.filter((strike) => strike.point === point)
    const by = faults
      .map((fault) => [fault, met.filter((strike) => strike.fault === fault).length] as const)
      .filter(([, count]) => count > 0)
      .map(([fault, count]) => `${fault} ${count}`)
    say(`  ${point.padEnd(16)} ${String(passes.get(point) ?? 0).padStart(8)}    ${by.join(', ')}`)
  }
  say(`\n${takenOver} times a run was taken over, ${actedAgain} acts were done again`)
  say(deviations.length === 0 ? 'no deviation' : `${deviations.length} deviations:`)
  for (const deviation of deviations.slice(0, 50)) say(`  ${deviation}`)
  for (const [id, history] of [...histories].slice(0, 5)) say(`\n${id}\n  ${history.join('\n  ')}`)
}
