import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { z } from 'zod'

import type * as Product from '../../src/index.ts'
import type { Prsm, StepKind } from '../../src/index.ts'
import { loadProduct } from '../lib/product.ts'
import {
  type Bench,
  type BenchContext,
  type Figure,
  figureOf,
  median,
  round,
} from '../lib/report.ts'

/** How much slower steps become by showing text while they work, beside the same steps that show none. */
export const tellingBench: Bench = {
  name: 'telling',
  about: 'steps that show text token by token, over the same steps where none is kept',
  async run({ say, isQuick }: BenchContext) {
    const folder = await mkdtemp(join(tmpdir(), 'prsm-telling-'))
    const product = await loadProduct()
    const kinds = [talkerOf(product)]
    const open = (keepTextHours: number): Promise<Prsm> =>
      product.openPrsm({ dataDir: folder, kinds, claims: false, keepTextHours })
    const [silent, telling] = [await open(0), await open(24)]
    const figures: Figure[] = []
    for (const steps of isQuick ? [1, 20] : [1, 150]) {
      figures.push(await measure({ silent, telling, say }, steps, isQuick ? 3 : 9))
    }
    await telling.close(0)
    await silent.close(0)
    await rm(folder, { recursive: true, force: true })
    return figures
  },
}

/** Tokens a second, as of a fast model. */
const RATE = 200
const TOKENS = 300

function talkerOf({ defineStepKind }: typeof Product): StepKind {
  return defineStepKind({
    name: 'talker',
    summary: 'Shows tokens at the rate of a model.',
    with: z.strictObject({}),
    async run(_, task) {
      const since = performance.now()
      for (let n = 1; n <= TOKENS; n++) {
        task.telling?.tell(`token ${n} `)
        const dueMs = since + (n * 1_000) / RATE
        if (dueMs > performance.now())
          await new Promise((resolve) => setTimeout(resolve, dueMs - performance.now()))
      }
      return { output: TOKENS }
    },
  })
}

interface Pair extends Pick<BenchContext, 'say'> {
  readonly silent: Prsm
  readonly telling: Prsm
}

async function measure(
  { silent, telling, say }: Pair,
  steps: number,
  rounds: number,
): Promise<Figure> {
  const without: number[] = []
  const times: number[] = []
  for (let each = 0; each < rounds; each++) {
    without.push(await timeOf(silent, steps))
    times.push(await timeOf(telling, steps))
    say(
      `${steps} steps at once: ${times.at(-1)?.toFixed(0)} ms, ${without.at(-1)?.toFixed(0)} without`,
    )
  }
  const baselines = { 'the same without text': round(median(without)) }
  return figureOf(
    { metric: `run_ms.telling.${steps}_at_once`, unit: 'ms', better: 'lower', baselines },
    times,
  )
}

/** How long so many runs of three such steps in a row take side by side, milliseconds. */
async function timeOf({ platform }: Prsm, count: number): Promise<number> {
  const step = { uses: 'talker', with: {} }
  const steps = { a: step, b: { ...step, needs: 'a' }, c: { ...step, needs: 'b' } }
  const definition = { apiVersion: 'prsm/v1', name: 'telling', steps }
  const since = performance.now()
  await Promise.all(
    Array.from({ length: count }, async () => {
      const { id } = await platform.workflows.submit({ tenant: 'default', definition, inputs: {} })
      await platform.engine?.left(id)
    }),
  )
  return performance.now() - since
}
