/**
 * Pricing: what metered usage costs.
 *
 * @module
 */
export { UnpricedModelError } from './errors.ts'
export { createPricing, DEFAULT_PRICES, type Pricing } from './prices.ts'
export { modelPrice, type ModelPrice, priceList, type PriceList } from './schema.ts'
