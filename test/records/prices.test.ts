// Prices of one's own and the bundled table: which one a call has, by provider, model, biller, day
// and size; and the table that records name is the one that is installed.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { beforeAll, expect, test } from 'vitest'
import { PersistenceConnectionError, resolveConfig } from '../../src/index.ts'
import { BUNDLED_TABLE, loadTable } from '../../src/prices/bundled-table.ts'
import { type PricedCall, priceCall } from '../../src/prices/price-call.ts'
import { checkPriceRule, type NewPriceRule, priceRuleSchema } from '../../src/prices/price-rule.ts'

beforeAll(loadTable)

const call: PricedCall = {
  provider: 'acme',
  model: 'large-1',
  biller: null,
  timestamp: new Date('2026-03-01T00:00:00Z'),
  currency: 'USD',
  inputTokens: 1000,
  outputTokens: 0,
  reasoningTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
}
const price = (rules: readonly NewPriceRule[], changes: Partial<PricedCall> = {}) =>
  priceCall(
    { ...call, ...changes },
    rules.map((rule) => priceRuleSchema.parse(rule)),
  )

test('the rule that began last has the price; of several, the last in the list', () => {
  const rules: NewPriceRule[] = [
    { provider: 'acme', model: 'large-*', since: '2026-02-01', input: '2', output: '4' },
    { provider: 'acme', model: '*', input: '1', output: '2' },
    { provider: 'acme', model: 'large-1', since: '2026-06-01', input: '9', output: '9' },
  ]
  expect(price(rules)).toEqual({ cost: '0.002', priceSource: 'own prices, 2026-02-01' })
  expect(price(rules, { model: 'small' })).toEqual({ cost: '0.001', priceSource: 'own prices' })
  expect(price(rules, { timestamp: new Date('2026-06-01T00:00:00Z') })?.cost).toBe('0.009')
  expect(price(rules, { timestamp: new Date('2026-01-31T23:59:59.999Z') })?.cost).toBe('0.001')
  expect(price(rules, { provider: 'other' })).toBeNull()
  expect(price([{ provider: 'a.c*', model: '*', input: 1 }])).toBeNull()
})

test('a price is that of who charges, in the currency of the call', () => {
  const rules: NewPriceRule[] = [
    { provider: 'acme', model: '*', input: '1' },
    { provider: 'acme', model: '*', biller: 'broker', input: '3' },
    { provider: 'euro', model: '*', currency: 'EUR', input: '5' },
  ]
  expect(price(rules)?.cost).toBe('0.001')
  expect(price(rules, { biller: 'broker' })?.cost).toBe('0.003')
  expect(price(rules, { biller: 'other' })).toBeNull()
  expect(price(rules, { provider: 'euro' })).toBeNull()
  expect(price(rules, { provider: 'euro', currency: 'EUR' })?.cost).toBe('0.005')
})

test('a call with more input tokens, those of caches included, has other prices as a whole', () => {
  const rules: NewPriceRule[] = [
    {
      provider: 'acme',
      model: '*',
      input: '1',
      cacheRead: '0.5',
      above: [{ inputTokens: 1000, input: '2' }],
    },
  ]
  expect(price(rules)?.cost).toBe('0.001')
  expect(price(rules, { cacheReadTokens: 1 })?.cost).toBe('0.0020005')
})

test('prices of one’s own come before the bundled table, which knows tiers and models by their dates', () => {
  const known = { provider: 'anthropic', model: 'claude-sonnet-4-5-20250929' }
  expect(price([], known)).toEqual({ cost: '0.003', priceSource: BUNDLED_TABLE })
  expect(price([], { ...known, inputTokens: 200_000 })?.cost).toBe('0.6')
  expect(price([], { ...known, inputTokens: 200_001 })?.cost).toBe('1.200006')
  expect(price([], { ...known, inputTokens: 0, cacheWriteTokens: 1000, cacheWrite1hTokens: 400 })?.cost).toBe(
    '0.00465',
  )
  expect(price([{ provider: 'anthropic', model: '*', input: '7' }], known)?.cost).toBe('0.007')
  expect(price([], { ...known, biller: 'nobody' })).toBeNull()
})

test.each([
  [{ provider: 'a', model: 'b', input: '-1' }, /input must not be negative/],
  [
    { provider: 'a', model: 'b', above: [{ inputTokens: 5, output: -0.5 }] },
    /above\.0\.output must not be negative/,
  ],
  [{ provider: 'a', model: 'b', input: 'free' }, /input must be a decimal number/],
  [{ provider: 'a', model: 'b', since: '2026-02-30' }, /since must be a day/],
  [{ provider: 'a', model: 'b', since: 'yesterday' }, /since must be a day/],
  [{ provider: '', model: 'b' }, /provider/],
  [{ provider: 'a', model: 'b', price: 1 }, /price/],
])('%j is refused', (rule, message) => {
  expect(checkPriceRule(rule)).toMatch(message)
  expect(() => resolveConfig({ prices: [rule as NewPriceRule] }, { file: null })).toThrow(
    PersistenceConnectionError,
  )
})

test('the table that records name is the one that is installed', () => {
  const entry = createRequire(import.meta.url).resolve('@pydantic/genai-prices')
  const file = new URL('../package.json', `file://${entry}`)
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  expect(BUNDLED_TABLE).toMatch(new RegExp(`^genai-prices ${version}, \\d{4}-\\d{2}-\\d{2}$`))
})
