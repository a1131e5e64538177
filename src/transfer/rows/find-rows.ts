// Looks up rows of one store in another: by the columns that identify a row, a batch at a time.

import type { Engine, EngineSnapshot, Row, WireValue } from '../../engines/contract/engine.ts'
import { padded, StatementCache } from '../../records/repository/statements.ts'
import type { RecordKind } from './record-kind.ts'

/**
 * Rows of one query: lookups by several columns are combined row by row, which engines plan worse.
 */
const MAX_KEYS = 512
const MAX_PLACES = 64

/** A row's lookup key, as text that is the same on every engine. */
export function identityOf(kind: RecordKind, row: Row): string {
  return JSON.stringify(kind.uniqueKey.map((column) => String(row[kind.shape.columns.indexOf(column)] ?? '')))
}

export class RowFinder {
  readonly #reader: Pick<EngineSnapshot, 'read'>
  readonly #kind: RecordKind
  readonly #statements: StatementCache

  constructor(engine: Engine, reader: Pick<EngineSnapshot, 'read'>, kind: RecordKind) {
    this.#reader = reader
    this.#kind = kind
    this.#statements = new StatementCache(engine.builder)
  }

  /**
   * The rows that have one of these identities, by `identityOf`.
   * @param rows cells in this engine's own forms
   */
  async find(rows: readonly Row[]): Promise<ReadonlyMap<string, readonly Row[]>> {
    const { uniqueKey, shape } = this.#kind
    const indexes = uniqueKey.map((column) => shape.columns.indexOf(column))
    const places = rows.map((row) => indexes.map((index) => row[index] ?? null))
    const found = new Map<string, Row[]>()
    const size = uniqueKey.length === 1 ? MAX_KEYS : MAX_PLACES
    for (let start = 0; start < places.length; start += size) {
      for (const row of await this.#read(padded(places.slice(start, start + size)))) {
        const key = identityOf(this.#kind, row)
        const others = found.get(key)
        if (others) others.push(row)
        else found.set(key, [row])
      }
    }
    return found
  }

  #read(places: readonly (readonly WireValue[])[]): Promise<readonly Row[]> {
    const { shape, uniqueKey, order } = this.#kind
    const [only, ...others] = uniqueKey
    return this.#reader.read(
      this.#statements.query(`find ${places.length}`, places.flat(), (builder, slot) => {
        const all = builder.selectFrom(shape.table).select([...shape.columns])
        const rows = order.reduce((query, column) => query.orderBy(column), all)
        if (only !== undefined && others.length === 0) {
          return rows.where(
            only,
            'in',
            places.map((_, index) => slot(index)),
          )
        }
        return rows.where(({ eb, and, or }) =>
          or(
            places.map((_, index) =>
              and(uniqueKey.map((column, part) => eb(column, '=', slot(index * uniqueKey.length + part)))),
            ),
          ),
        )
      }),
    )
  }
}
