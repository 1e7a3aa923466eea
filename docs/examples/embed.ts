import { z } from 'zod'

import { defineWorkflow, openPrsm, type OpenOptions } from '../../src/index.ts'

const greet = defineWorkflow({ name: 'greet', inputs: z.strictObject({ who: z.string() }) })
  .step('hello', { run: async ({ inputs }) => `hello ${inputs.who}` })
  .step('shout', {
    needs: ['hello'],
    retry: { max: 2 },
    run: async ({ steps }) => steps.hello.toUpperCase(),
  })
  .build()

/** Runs the workflow once; `options` may hold every setting, such as `dataDir`. */
export async function main(options: OpenOptions = {}): Promise<unknown> {
  const prsm = await openPrsm({ ...options, workflows: [greet] })
  try {
    return await prsm.run(greet, { who: 'Ada' })
  } finally {
    await prsm.close()
  }
}
