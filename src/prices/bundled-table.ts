// The bundled table of prices, @pydantic/genai-prices: the unit prices of a model at a time. It is
// loaded when a call is first priced, since it is large. No price is ever fetched. Only unit prices
// are taken from it: amounts are computed exactly here.

import { parsePrice, type UnitPrices } from './exact-price.ts'

/** The table and its date, which records name; a test compares it with the installed package. */
export const BUNDLED_TABLE = 'genai-prices 0.1.8, 2026-09-23'

type Price = number | { readonly base: number; readonly tiers: readonly Tier[] }
interface Tier {
  /** The price holds for the whole call if it has more input tokens. */
  readonly start: number
  readonly price: number
}
type ModelPrices = Readonly<Record<string, Price | undefined>>

interface Library {
  calcPrice(
    usage: Readonly<Record<string, number>>,
    model: string,
    options: { readonly providerId: string; readonly timestamp: Date },
  ): { readonly model: { readonly prices: unknown }; readonly model_price: ModelPrices } | null
}

/** Null if it cannot be loaded. */
let library: Library | null | undefined
let loading: Promise<void> | undefined

/** Resolves when prices can be asked for; at once after the first time. */
export function loadTable(): Promise<void> {
  loading ??= load()
  return loading
}

/** Whether it was loaded, or tried to be. */
export function isTableLoaded(): boolean {
  return library !== undefined
}

/** The end of a load in progress. */
export function tableBeingLoaded(): Promise<void> | undefined {
  return isTableLoaded() ? undefined : loading
}

async function load(): Promise<void> {
  try {
    library = await import('@pydantic/genai-prices')
  } catch (error) {
    // A bundle that leaves the package out still records calls: as unpriced, to be priced later.
    library = null
    process.emitWarning(
      `the table of model prices, @pydantic/genai-prices, cannot be loaded: calls without a cost are recorded as unpriced (${(error as Error).message})`,
      'PurserPricesWarning',
    )
  }
}

/**
 * Unit prices by provider and model, where they are the same at any time; null if there are none.
 */
const constant = new Map<string, ModelPrices | null>()
const MOST_REMEMBERED = 1000

/** After `loadTable`. @param inputTokens with those of caches */
export function bundledPrices(
  provider: string,
  model: string,
  timestamp: Date,
  inputTokens: number,
): UnitPrices | undefined {
  const found = modelPrices(provider, model, timestamp)
  if (!found) return undefined
  const price = (key: string) => unitPrice(found[key], inputTokens)
  const request = price('requests_kcount')
  return {
    input: price('input_mtok'),
    output: price('output_mtok'),
    reasoning: price('output_reasoning_mtok'),
    cacheRead: price('cache_read_mtok'),
    cacheWrite: price('cache_write_mtok'),
    cacheWrite1h: price('cache_write_1h_mtok'),
    request: request === undefined ? undefined : request / 1000n,
  }
}

function modelPrices(provider: string, model: string, timestamp: Date): ModelPrices | null {
  const key = JSON.stringify([provider, model])
  const known = constant.get(key)
  if (known !== undefined) return known
  const found = library?.calcPrice({}, model, { providerId: provider, timestamp })
  const prices = found?.model_price ?? null
  if (!Array.isArray(found?.model.prices)) {
    if (constant.size >= MOST_REMEMBERED) constant.clear()
    constant.set(key, prices)
  }
  return prices
}

function unitPrice(price: Price | undefined, inputTokens: number): bigint | undefined {
  if (price === undefined) return undefined
  const applies =
    typeof price === 'number'
      ? price
      : price.tiers.reduce((current, tier) => (inputTokens > tier.start ? tier.price : current), price.base)
  const parsed = parsePrice(applies)
  return typeof parsed === 'bigint' ? parsed : undefined
}
