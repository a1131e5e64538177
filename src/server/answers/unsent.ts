// Fields of records that no answer has: they serve the store alone.

import type { RecordEntry } from '../../records/entry.ts'

const unsent: Readonly<Record<string, readonly string[]>> = { tokens: ['secretHash'] }

/** The names of a record's fields that no answer has. */
export function unsentOf({ property }: Pick<RecordEntry, 'property'>): readonly string[] {
  return unsent[property] ?? []
}

/** What a verb returned, a record or a page of them, without those fields. */
export function withoutUnsent(entry: Pick<RecordEntry, 'property'>, result: unknown): unknown {
  const names = unsentOf(entry)
  if (names.length === 0 || typeof result !== 'object' || result === null) return result
  const items = (result as { readonly items?: unknown }).items
  if (Array.isArray(items)) return { ...result, items: items.map((item) => without(names, item)) }
  return without(names, result)
}

/** The same for records one after another. */
export async function* eachWithoutUnsent(
  entry: Pick<RecordEntry, 'property'>,
  items: AsyncIterable<object> | Iterable<object>,
): AsyncGenerator<object> {
  for await (const item of items) yield without(unsentOf(entry), item)
}

function without(names: readonly string[], record: object): object {
  if (names.length === 0) return record
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)))
}
