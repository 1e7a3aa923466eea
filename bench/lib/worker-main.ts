/** Entry of a worker process of a benchmark; see worker-process.ts. */
import { loadProduct } from './product.ts'
import { benchKinds, FLOWS } from './worker-flows.ts'
import type { Answer, Request, WorkerOptions } from './worker-process.ts'

const { isHolding = false, ...options } = JSON.parse(process.argv[2] ?? '{}') as WorkerOptions
const { openPrsm } = await loadProduct()
const prsm = await openPrsm({ ...options, kinds: [...(await benchKinds(isHolding))] })
const { workflows, config } = prsm.platform

/** Runs begun at once. */
const AT_ONCE = 400

async function begin({ flow, count }: Extract<Request, { kind: 'begin' }>): Promise<void> {
  let left = count
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      await workflows.submit({
        tenant: config.tenant,
        definition: FLOWS[flow] as never,
        inputs: {},
      })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}

function answer(): void {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuMs: (user + system) / 1_000 } satisfies Answer)
}

process.on('message', (request: Request) => void handle(request))
answer()

async function handle(request: Request): Promise<void> {
  if (request.kind === 'begin') await begin(request)
  if (request.kind === 'close') {
    await prsm.close(1_000)
    process.exit(0)
  }
  answer()
}
