import { z } from 'zod'

import { circuitReport } from '../../kernel/breakers.ts'

/** The circuit of one dependency in one worker. */
export const breakerRecord = z
  .strictObject({
    worker: z.string().describe('`work_…`; each has circuits of its own'),
    host: z.string().describe('The machine it runs on'),
    ...circuitReport.shape,
  })
  .meta({ id: 'Breaker' })

export type BreakerRecord = z.output<typeof breakerRecord>
