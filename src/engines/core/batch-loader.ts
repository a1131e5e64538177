// Batches single-row reads: the `get` calls of one tick become one query, if a read costs a round
// trip. There is no timer and no cache: every row is read after its call was made. Shared by
// engines with the `batchesReads` capability.

import type { Query, Row, TableShape, WireValue } from '../contract/engine.ts'

interface Waiting {
  readonly resolve: (row: Row | undefined) => void
  readonly reject: (error: unknown) => void
}

/** The calls of one tick for one table, by key. */
type Tick = Map<WireValue, Waiting[]>

export interface GetMergerOptions {
  readonly read: (query: Query) => Promise<readonly Row[]>
  /** Selects the rows of a table with these keys, at most `maxKeys` of them. */
  readonly queryOf: (shape: TableShape, keys: readonly WireValue[]) => Query
  readonly maxKeys: number
}

export class BatchLoader {
  readonly #options: GetMergerOptions
  readonly #ticks = new Map<TableShape, Tick>()

  constructor(options: GetMergerOptions) {
    this.#options = options
  }

  /** The row with this key, or undefined. Rejects with the error of the batch query. */
  get(shape: TableShape, key: WireValue): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      let tick = this.#ticks.get(shape)
      if (!tick) {
        tick = new Map()
        this.#ticks.set(shape, tick)
        // Runs after the microtask queue drains, so callers resumed by the last batch join this
        // one.
        queueMicrotask(() => process.nextTick(() => this.#run(shape)))
      }
      const waiting = tick.get(key)
      if (waiting) waiting.push({ resolve, reject })
      else tick.set(key, [{ resolve, reject }])
    })
  }

  #run(shape: TableShape): void {
    const tick = this.#ticks.get(shape)
    this.#ticks.delete(shape)
    const all = [...(tick ?? [])]
    for (let start = 0; start < all.length; start += this.#options.maxKeys) {
      void this.#answer(shape, all.slice(start, start + this.#options.maxKeys))
    }
  }

  async #answer(
    shape: TableShape,
    asked: readonly (readonly [WireValue, readonly Waiting[]])[],
  ): Promise<void> {
    const { read, queryOf } = this.#options
    try {
      const query = queryOf(
        shape,
        asked.map(([key]) => key),
      )
      const index = shape.columns.indexOf(shape.key)
      const rows = new Map((await read(query)).map((row) => [String(row[index]), row]))
      for (const [key, waiting] of asked) {
        for (const { resolve } of waiting) resolve(rows.get(String(key)))
      }
    } catch (error) {
      for (const [, waiting] of asked) for (const { reject } of waiting) reject(error)
    }
  }
}
