// Completes a new record with what its cost is, or that it is not known.

import { z } from 'zod'
import { isTableLoaded, loadTable, tableBeingLoaded } from '../../prices/bundled-table.ts'
import { formatPrice } from '../../prices/exact-price.ts'
import { priceCall, pricesFor } from '../../prices/price-call.ts'
import type { PriceRule } from '../../prices/price-rule.ts'
import { instantRule, integerRule, nameRule } from '../model/rules.ts'
import type { CostRecord, NewCostRecord } from './definition.ts'

type Unfinished = {
  -readonly [K in keyof CostRecord]: CostRecord[K] | (K extends 'costStatus' ? null : never)
}

/**
 * What must end before these calls can be priced: the load of the table, if one of them has no cost
 * or if an earlier call waits for it, so that calls stay in order. Undefined once it is loaded: a
 * call is then queued at once.
 */
export function tableFor(calls: readonly NewCostRecord[]): Promise<void> | undefined {
  if (isTableLoaded()) return undefined
  return calls.some(isOpen) ? loadTable() : tableBeingLoaded()
}

/** Whether it leaves its cost to prices. Not checked yet: may be anything. */
function isOpen(call: NewCostRecord): boolean {
  const { cost, costStatus, priceSource } = call ?? {}
  return (cost ?? costStatus ?? priceSource ?? null) === null
}

/**
 * A record without a cost, about whose cost its caller says nothing, is priced; if there is no
 * price for it, its cost is not known.
 */
export function determineCost(given: Record<string, unknown>, rules: readonly PriceRule[]): void {
  const record = given as Unfinished
  if (record.cost === null && record.costStatus === null && record.priceSource === null) {
    const priced = priceCall(record as CostRecord, rules)
    if (priced) Object.assign(record, priced, { costStatus: 'computed' })
  }
  record.costStatus ??= record.cost === null ? 'unpriced' : 'reported'
}

const tokens = integerRule(0).default(0)

/** A call to be priced: as in a record, with 0 for tokens that are left out, now, and in USD. */
export const priceQuestion = z
  .strictObject({
    provider: nameRule,
    model: nameRule,
    biller: nameRule.nullable().default(null),
    timestamp: instantRule.optional(),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .default('USD'),
    inputTokens: tokens,
    outputTokens: tokens,
    reasoningTokens: tokens,
    cacheReadTokens: tokens,
    cacheWriteTokens: tokens,
    cacheWrite1hTokens: tokens,
  })
  .refine(({ reasoningTokens, outputTokens }) => reasoningTokens <= outputTokens, {
    path: ['reasoningTokens'],
    message: 'must be at most outputTokens, of which they are a part',
  })
  .refine(({ cacheWrite1hTokens, cacheWriteTokens }) => cacheWrite1hTokens <= cacheWriteTokens, {
    path: ['cacheWrite1hTokens'],
    message: 'must be at most cacheWriteTokens, of which they are a part',
  })

export type PriceQuestion = z.input<typeof priceQuestion>

export interface PriceAnswer {
  /** Exact; null if a kind of tokens has no price, or none in the currency of the call. */
  readonly cost: string | null
  /** Of the prices. */
  readonly currency: string
  /** The table and its date. */
  readonly priceSource: string
  /** Of a million tokens, by kind, and of a `request`: decimal strings. Kinds without one lack. */
  readonly prices: Readonly<Record<string, string>>
}

/** The prices that apply to a call and what it costs; null where no table knows them. */
export function answerOf(
  call: z.output<typeof priceQuestion> & { readonly timestamp: Date },
  rules: readonly PriceRule[],
): PriceAnswer | null {
  const found = pricesFor(call, rules)
  if (!found) return null
  const prices = Object.entries(found.units).flatMap(([kind, price]) =>
    price === undefined ? [] : [[kind, formatPrice(price)] as const],
  )
  return {
    cost: priceCall(call, rules)?.cost ?? null,
    currency: found.currency,
    priceSource: found.source,
    prices: Object.fromEntries(prices),
  }
}
