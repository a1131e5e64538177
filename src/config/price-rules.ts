// Checks a price of the configuration before it is written into one.

export { checkPriceRule } from '../prices/price-rule.ts'
