import { z } from 'zod'

import { microFtns } from '../kernel/money.ts'

/** What the tokens of one model cost. */
export const modelPrice = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .max(200)
      .describe('`provider:model`, `provider:*` for all of its models, or `*` for every other one'),
    inputPerMillion: microFtns.describe('µFTNS for a million tokens read'),
    outputPerMillion: microFtns.describe('µFTNS for a million tokens written'),
  })
  .meta({ id: 'ModelPrice' })

/** What everything costs. */
export const priceList = z
  .strictObject({
    models: z.array(modelPrice).max(1_000),
    cpuCoreHour: microFtns.describe('µFTNS for an hour of one core'),
  })
  .meta({ id: 'PriceList' })

export type ModelPrice = z.output<typeof modelPrice>
export type PriceList = z.output<typeof priceList>
