// Prices one call: by the prices of the configuration, else by the bundled table. What neither
// knows has no price, and never one of 0.

import { formatMoney, MAX_MONEY } from '../values/money.ts'
import { BUNDLED_TABLE, bundledPrices } from './bundled-table.ts'
import { costOf, parsePrice, type TokenCounts, type UnitPrices } from './exact-price.ts'
import { type PriceRule, ruleFor } from './price-rule.ts'

/** What a price depends on. */
export interface PricedCall {
  readonly provider: string
  readonly model: string
  readonly biller: string | null
  readonly timestamp: Date
  readonly currency: string
  readonly inputTokens: number
  readonly outputTokens: number
  readonly reasoningTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly cacheWrite1hTokens: number
}

export interface Priced {
  readonly cost: string
  readonly priceSource: string
}

/** Null if there is no price, or none in the currency of the call. */
export function priceCall(call: PricedCall, rules: readonly PriceRule[]): Priced | null {
  const prices = pricesFor(call, rules)
  if (!prices || prices.currency !== call.currency) return null
  const cost = costOf(tokensOf(call), prices.units)
  if (cost === undefined || cost > MAX_MONEY) return null
  return { cost: formatMoney(cost), priceSource: prices.source }
}

export interface FoundPrices {
  readonly units: UnitPrices
  readonly currency: string
  readonly source: string
}

/** The unit prices of a call; undefined if neither knows any. */
export function pricesFor(call: PricedCall, rules: readonly PriceRule[]): FoundPrices | undefined {
  const inputTokens = call.inputTokens + call.cacheReadTokens + call.cacheWriteTokens
  const rule = ruleFor(rules, call)
  if (rule) {
    const source = rule.since === undefined ? 'own prices' : `own prices, ${rule.since}`
    return { units: unitsOf(rule, inputTokens), currency: rule.currency, source }
  }
  // Who charges has the price: a reseller's table, not that of the provider.
  const units = bundledPrices(call.biller ?? call.provider, call.model, call.timestamp, inputTokens)
  return units && { units, currency: 'USD', source: BUNDLED_TABLE }
}

function unitsOf(rule: PriceRule, inputTokens: number): UnitPrices {
  const { above, ...base } = rule
  const tier = above
    .toSorted((a, b) => a.inputTokens - b.inputTokens)
    .findLast((candidate) => inputTokens > candidate.inputTokens)
  const price = (kind: keyof TokenCounts | 'request'): bigint | undefined => {
    const value = (kind === 'request' ? undefined : tier?.[kind]) ?? base[kind]
    const parsed = value === undefined ? undefined : parsePrice(value)
    return typeof parsed === 'bigint' ? parsed : undefined
  }
  return {
    input: price('input'),
    output: price('output'),
    reasoning: price('reasoning'),
    cacheRead: price('cacheRead'),
    cacheWrite: price('cacheWrite'),
    cacheWrite1h: price('cacheWrite1h'),
    request: price('request'),
  }
}

function tokensOf(call: PricedCall): TokenCounts {
  return {
    input: call.inputTokens,
    output: call.outputTokens - call.reasoningTokens,
    reasoning: call.reasoningTokens,
    cacheRead: call.cacheReadTokens,
    cacheWrite: call.cacheWriteTokens - call.cacheWrite1hTokens,
    cacheWrite1h: call.cacheWrite1hTokens,
  }
}
