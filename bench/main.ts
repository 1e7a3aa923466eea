import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { builtinBench } from './builtin/builtin.ts'
import { etaBench } from './eta/eta.ts'
import { fanoutBench } from './fanout/fanout.ts'
import { growthBench } from './growth/growth.ts'
import { type Bench, table } from './lib/report.ts'
import { makespanBench } from './makespan/makespan.ts'
import { recoveryBench } from './recovery/recovery.ts'
import { startupBench } from './startup/startup.ts'
import { stepsBench } from './steps/steps.ts'
import { tellingBench } from './telling/telling.ts'
import { workersBench } from './workers/workers.ts'

const BENCHES: readonly Bench[] = [
  stepsBench,
  makespanBench,
  etaBench,
  startupBench,
  recoveryBench,
  growthBench,
  fanoutBench,
  workersBench,
  builtinBench,
  tellingBench,
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string', default: process.env['PRSM_DATA'] ?? '../shared/data' },
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
})
const [name] = positionals
const bench = BENCHES.find((each) => each.name === name)
if (bench === undefined) {
  const isList = name === undefined || name === 'list'
  if (!isList) console.error(`there is no benchmark "${name}"`)
  for (const each of BENCHES) console.log(`${each.name.padEnd(12)} ${each.about}`)
  process.exit(isList ? 0 : 2)
}
const say = (line: string): void => void process.stderr.write(`${line}\n`)
const figures = await bench.run({
  dataDir: resolve(values.data),
  say,
  isQuick: values.quick,
})
console.log(table(figures))
if (values.json) console.log(JSON.stringify({ bench: bench.name, figures }))
process.exit(0)
