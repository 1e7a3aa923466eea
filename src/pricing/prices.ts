import { divideHalfEven, type MicroFtns, sumMicroFtns, toMicroFtns } from '../kernel/money.ts'
import { assertNever } from '../kernel/result.ts'
import type { Usage } from '../kernel/usage.ts'

import { UnpricedModelError } from './errors.ts'
import type { ModelPrice, PriceList } from './schema.ts'

const MILLION = 1_000_000n
const MS_PER_HOUR = 3_600_000n

/** Prices usage. */
export interface Pricing {
  /**
   * What the usage costs.
   *
   * @remarks Each item is rounded half to even to a whole µFTNS, so a sum of parts may differ from
   * the price of the sum by half a µFTNS per part.
   * @throws {@link UnpricedModelError} a model has no price.
   */
  costOf(usage: readonly Usage[]): MicroFtns
  readonly list: PriceList
}

/** Builds the pricing service; called once, from the composition root. */
export function createPricing(list: PriceList): Pricing {
  const byModel = new Map(list.models.map((price) => [price.model, price]))
  return {
    list,
    costOf: (usage) => sumMicroFtns(usage.map((item) => priceOf(item, list, byModel))),
  }
}

function priceOf(
  item: Usage,
  { cpuCoreHour }: PriceList,
  byModel: ReadonlyMap<string, ModelPrice>,
): MicroFtns {
  switch (item.resource) {
    case 'model_inference_tokens': {
      const { inputPerMillion, outputPerMillion } = findPrice(item.model, byModel)
      const input = BigInt(item.inputTokens) * inputPerMillion
      const output = BigInt(item.outputTokens) * outputPerMillion
      return divideHalfEven(input + output, MILLION)
    }
    case 'cpu_cores':
      return divideHalfEven(BigInt(item.coreMs) * cpuCoreHour, MS_PER_HOUR)
    default:
      return assertNever(item)
  }
}

/** The price of the model itself, else of its provider, else of every other model. */
function findPrice(model: string, byModel: ReadonlyMap<string, ModelPrice>): ModelPrice {
  const [provider = ''] = model.split(':', 1)
  const price = byModel.get(model) ?? byModel.get(`${provider}:*`) ?? byModel.get('*')
  if (price === undefined) throw new UnpricedModelError(model)
  return price
}

/**
 * The prices of an installation whose operator has set none.
 *
 * @remarks Nominal: 1 FTNS is meant to be of the order of one US dollar. The offline model costs
 * next to nothing, so that every path of the money is walked by a first run.
 */
export const DEFAULT_PRICES: PriceList = {
  models: [
    {
      model: 'builtin:*',
      inputPerMillion: toMicroFtns(10_000n),
      outputPerMillion: toMicroFtns(10_000n),
    },
    {
      model: '*',
      inputPerMillion: toMicroFtns(3_000_000n),
      outputPerMillion: toMicroFtns(15_000_000n),
    },
  ],
  cpuCoreHour: toMicroFtns(50_000n),
}
