/** Runs one step over many items in a process of its own, and prints what that took. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { loadProduct } from '../lib/product.ts'

import type { Fan } from './fanout.ts'

const items = Number(process.argv[2])
const { openPrsm } = await loadProduct()
const dataDir = mkdtempSync(join(tmpdir(), 'prsm-fan-'))
const prsm = await openPrsm({ dataDir })
try {
  const { workflows, config } = prsm.platform
  const { tenant } = config
  const definition = {
    apiVersion: 'prsm/v1',
    name: 'fan',
    concurrency: 1_000,
    steps: {
      list: { uses: 'transform', with: { value: `{% [1..${items}] %}` } },
      each: {
        uses: 'transform',
        forEach: '{% $steps.list.output %}',
        with: { value: '{% $item * 2 %}' },
      },
      sum: { uses: 'transform', with: { value: '{% $sum($steps.each.output) %}' } },
    },
    output: '{% $steps.sum.output %}',
  }
  const idle = process.memoryUsage().rss
  const since = performance.now()
  const { id } = await workflows.submit({ tenant, definition, inputs: {} })
  for (;;) {
    const { status, error } = await workflows.getRun(tenant, id)
    if (status === 'completed') break
    if (status === 'failed' || status === 'paused')
      throw new Error(`it is ${status}`, { cause: error })
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const fan: Fan = {
    seconds: (performance.now() - since) / 1_000,
    idleMb: idle / 1_024 / 1_024,
    peakMb: process.resourceUsage().maxRSS / 1_024,
  }
  console.log(JSON.stringify(fan))
} catch (fault) {
  console.error(fault)
} finally {
  await prsm.close(0)
  rmSync(dataDir, { recursive: true, force: true })
}
