// Prices of the configuration: what a model costs from a day on, by provider, model and biller.
// They come before the bundled table.

import { z } from 'zod'
import { MIN_INSTANT, parseInstant } from '../values/instant.ts'
import { parsePrice } from './exact-price.ts'

const price = z
  .union([z.string(), z.number()])
  .refine((value) => parsePrice(value) !== 'negative', 'must not be negative')
  .refine(
    (value) => typeof parsePrice(value) === 'bigint' || parsePrice(value) === 'negative',
    'must be a decimal number with at most 12 digits after the point, such as "0.15"',
  )

const name = z.string().min(1).max(255)

const kinds = {
  /** Of tokens that no cache had or took. */
  input: price.optional(),
  output: price.optional(),
  /** As output, if it has no separate price. */
  reasoning: price.optional(),
  /** As input, if it has no separate price. */
  cacheRead: price.optional(),
  /** As input, if it has no separate price. */
  cacheWrite: price.optional(),
  /** As cacheWrite, if it has no separate price. */
  cacheWrite1h: price.optional(),
}

/** Prices of a million tokens, exactly: decimal text, or numbers. */
export const priceRuleSchema = z.strictObject({
  /** `*` stands for any characters. */
  provider: name,
  model: name,
  /** Only calls that this one charges for; without it, only those that the provider charges for. */
  biller: name.optional(),
  /** From this day on, in UTC: `2026-01-31`. Without it, always. */
  since: z
    .string()
    .refine((text) => dayOf(text) >= MIN_INSTANT, 'must be a day such as 2026-01-31')
    .optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('USD'),
  ...kinds,
  /** Of each request, besides its tokens. */
  request: price.optional(),
  /** Other prices of the whole call if it has more input tokens, with those of caches. */
  above: z
    .array(z.strictObject({ inputTokens: z.int().min(1), ...kinds }))
    .max(20)
    .default([]),
})

export type PriceRule = z.output<typeof priceRuleSchema>
export type NewPriceRule = z.input<typeof priceRuleSchema>

/** The beginning of a day in UTC; NaN if the text is none. */
function dayOf(text: string): number {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseInstant(`${text}T00:00:00Z`) : Number.NaN
}

interface Asked {
  readonly provider: string
  readonly model: string
  readonly biller: string | null
  readonly timestamp: Date
}

/** The rule for a call: the one that began last; of several, the last in the list. */
export function ruleFor(rules: readonly PriceRule[], call: Asked): PriceRule | undefined {
  let found: { readonly rule: PriceRule; readonly since: number } | undefined
  for (const rule of rules) {
    const since = rule.since === undefined ? MIN_INSTANT : dayOf(rule.since)
    if (since > call.timestamp.getTime() || (found && since < found.since)) continue
    const isMeant =
      matches(rule.provider, call.provider) &&
      matches(rule.model, call.model) &&
      (rule.biller === undefined ? call.biller === null : matches(rule.biller, call.biller ?? ''))
    if (isMeant) found = { rule, since }
  }
  return found?.rule
}

function matches(pattern: string, value: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'su').test(value)
}

/** What is wrong with a rule as someone gives it, in words; undefined if nothing is. */
export function checkPriceRule(rule: unknown): string | undefined {
  const result = priceRuleSchema.safeParse(rule)
  if (result.success) return undefined
  const [issue] = result.error.issues
  return `${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not valid'}`.trim()
}
