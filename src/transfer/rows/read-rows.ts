// Reads every row of a table in transfer order, which depends only on the rows' content, so that it
// is the same on every engine: by the key, compared by bytes; if rows refer to others of their
// table, parents first. Memory use does not grow with the table.

import type { Engine, EngineSnapshot, Query, Row, WireValue } from '../../engines/contract/engine.ts'
import { padded, type SlotOf, StatementCache } from '../../records/repository/statements.ts'
import type { RecordKind } from './record-kind.ts'

const DEFAULT_BATCH_ROWS = 1000
/**
 * How many rows have their children read together. It determines the order: another number would be
 * another order.
 */
const FAMILY = 500
/** Rows are requested and returned in pages of about this many characters. */
const PAGE_LENGTH = 1_000_000
const FIRST_PAGE = 100
/** After small rows this many large ones may arrive at once, before pages become smaller. */
const LARGEST_PAGE = 250
/** The same for tables with bytes, each of which may have 16 MiB. */
const LARGEST_PAGE_OF_BYTES = 4

/**
 * The rows of a kind in transfer order, columns in the order of its shape, as stored; in batches of
 * at most `batchRows`, fewer if rows are long.
 *
 * A tree's rows come depth first by families: the children of up to 500 rows in key order, 500 at a
 * time, and the descendants of those before the next ones. Rows that no root leads to (on a cycle
 * of parents, or below a missing parent) come last, in key order.
 */
export async function* readRows(
  engine: Engine,
  snapshot: EngineSnapshot,
  kind: RecordKind,
  batchRows: number = DEFAULT_BATCH_ROWS,
): AsyncGenerator<readonly Row[]> {
  const reader = new Reader(engine, snapshot, kind)
  const pages = kind.parent === undefined ? reader.inOrder() : reader.asTrees(kind.parent)
  let batch: Row[] = []
  for await (const page of pages) {
    for (const row of page) {
      batch.push(row)
      if (batch.length < batchRows) continue
      yield batch
      batch = []
    }
    if (!reader.isLong() || batch.length === 0) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** How many rows of a kind there are. */
export async function countRows(
  engine: Engine,
  snapshot: Pick<EngineSnapshot, 'read'>,
  kind: RecordKind,
): Promise<number> {
  const { sql } = engine.builder
    .selectFrom(kind.shape.table)
    .select(({ fn }) => fn.countAll().as('rows'))
    .compile()
  return Number((await snapshot.read({ sql, parameters: [] }))[0]?.[0] ?? 0)
}

/** Rows whose order column has one of the values come after these. */
type CursorPosition = readonly WireValue[]

class Reader {
  readonly #engine: Engine
  readonly #snapshot: EngineSnapshot
  readonly #kind: RecordKind
  readonly #statements: StatementCache
  /** The requested columns: those of the record, and those of the order that are not among them. */
  readonly #columns: readonly string[]
  readonly #largestPage: number
  #pageRows: number
  /** Characters read since `isLong` last returned true. */
  #length = 0

  constructor(engine: Engine, snapshot: EngineSnapshot, kind: RecordKind) {
    this.#engine = engine
    this.#snapshot = snapshot
    this.#kind = kind
    this.#statements = new StatementCache(engine.builder)
    const { columns, kinds } = kind.shape
    this.#largestPage = kinds.includes('bytes') ? LARGEST_PAGE_OF_BYTES : LARGEST_PAGE
    this.#pageRows = Math.min(FIRST_PAGE, this.#largestPage)
    this.#columns = [...columns, ...kind.order.filter((column) => !columns.includes(column))]
  }

  /** Whether a full batch was read since it last returned true. */
  isLong(): boolean {
    if (this.#length < PAGE_LENGTH) return false
    this.#length = 0
    return true
  }

  /** Every row, in the order of the order columns. */
  async *inOrder(): AsyncGenerator<readonly Row[]> {
    let position: CursorPosition | undefined
    for (;;) {
      const limit = this.#pageRows
      const rows = await this.#page(position, limit)
      if (rows.length > 0) yield this.#withoutPosition(rows)
      const last = rows.at(-1)
      if (last === undefined || rows.length < limit) return
      position = this.#positionOf(last)
    }
  }

  /** Every row, those without a parent first, then their descendants. */
  async *asTrees(parent: string): AsyncGenerator<readonly Row[]> {
    const { key, columns, table } = this.#kind.shape
    const keyIndex = columns.indexOf(key)
    let seen = 0
    // A family is popped before its descendants are pushed, unless it has more rows: a chain of any
    // length needs one entry.
    const open: { readonly parents: readonly WireValue[] | null; after: WireValue | undefined }[] = [
      { parents: null, after: undefined },
    ]
    for (let family = open.pop(); family; family = open.pop()) {
      const keys: WireValue[] = []
      let isDone = false
      while (!isDone && keys.length < FAMILY) {
        const limit = Math.min(FAMILY - keys.length, this.#pageRows)
        const rows = await this.#read(this.#familyQuery(parent, family.parents, family.after, limit))
        for (const row of rows) keys.push(row[keyIndex] ?? null)
        family.after = keys.at(-1) ?? family.after
        isDone = rows.length < limit
        seen += rows.length
        if (rows.length > 0) yield rows
      }
      if (!isDone) open.push(family)
      if (keys.length > 0) open.push({ parents: keys, after: undefined })
    }
    if (seen === (await countRows(this.#engine, this.#snapshot, this.#kind))) return
    let after: WireValue | undefined
    for (;;) {
      const limit = this.#pageRows
      const rows = await this.#read(this.#unreachedQuery(table, key, parent, after, limit))
      if (rows.length > 0) yield rows
      after = rows.at(-1)?.[keyIndex] ?? undefined
      if (after === undefined || rows.length < limit) return
    }
  }

  async #read(query: Query): Promise<readonly Row[]> {
    const rows = await this.#snapshot.read(query)
    this.#adapt(rows)
    return rows
  }

  /**
   * The next page is sized for rows as long as this one's; at most four times as large, since sizes
   * vary.
   */
  #adapt(rows: readonly Row[]): void {
    if (rows.length === 0) return
    let length = 0
    for (const row of rows) {
      for (const value of row) {
        if (typeof value === 'string' || value instanceof Uint8Array) length += value.length
      }
    }
    this.#length += length
    const wanted = Math.floor((PAGE_LENGTH * rows.length) / (length + 1))
    this.#pageRows = Math.max(1, Math.min(wanted, this.#pageRows * 4, this.#largestPage))
  }

  #positionOf(row: Row): CursorPosition {
    return this.#kind.order.map((column) => row[this.#columns.indexOf(column)] ?? null)
  }

  #withoutPosition(rows: readonly Row[]): readonly Row[] {
    const { length } = this.#kind.shape.columns
    return length === this.#columns.length ? rows : rows.map((row) => row.slice(0, length))
  }

  #page(position: CursorPosition | undefined, limit: number): Promise<readonly Row[]> {
    const { shape, order } = this.#kind
    const values = [...(position ?? []), limit]
    const query = this.#statements.query(
      `page ${position === undefined ? 'first' : 'next'}`,
      values,
      (builder, slot) => {
        const rows = builder.selectFrom(shape.table).select([...this.#columns])
        const page = order
          .reduce((query, column) => query.orderBy(column), rows)
          .limit(slot(values.length - 1))
        return position === undefined
          ? page
          : page.where(behind(order, slot, this.#engine.capabilities.rowValueSeek))
      },
    )
    return this.#read(query)
  }

  /** The children of some rows, or the rows without a parent. */
  #familyQuery(
    parent: string,
    parents: readonly WireValue[] | null,
    position: WireValue | undefined,
    limit: number,
  ): Query {
    const { shape } = this.#kind
    const whereIn = parents === null ? [] : padded(parents)
    const values = [...whereIn, ...(position === undefined ? [] : [position]), limit]
    return this.#statements.query(
      `family ${parents === null ? 'roots' : whereIn.length} ${position === undefined}`,
      values,
      (builder, slot) => {
        const family = builder
          .selectFrom(shape.table)
          .select([...shape.columns])
          .orderBy(shape.key)
          .limit(slot(values.length - 1))
        const selected =
          parents === null
            ? family.where(parent, 'is', null)
            : family.where(
                parent,
                'in',
                whereIn.map((_, index) => slot(index)),
              )
        return position === undefined ? selected : selected.where(shape.key, '>', slot(whereIn.length))
      },
    )
  }

  /** The rows that are not reachable from a root. */
  #unreachedQuery(
    table: string,
    key: string,
    parent: string,
    position: WireValue | undefined,
    limit: number,
  ): Query {
    const { columns } = this.#kind.shape
    const values = [...(position === undefined ? [] : [position]), limit]
    return this.#statements.query(`unreached ${position === undefined}`, values, (builder, slot) => {
      const page = builder
        .withRecursive('reached(id)', (inner) =>
          inner
            .selectFrom(table)
            .select(`${key} as id`)
            .where(parent, 'is', null)
            .unionAll(
              inner
                .selectFrom(`${table} as below`)
                .innerJoin('reached', `below.${parent}`, 'reached.id')
                .select(`below.${key} as id`),
            ),
        )
        .selectFrom(table)
        .select([...columns])
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('reached').select('id').whereRef('id', '=', `${table}.${key}`))),
        )
        .orderBy(key)
        .limit(slot(values.length - 1))
      return position === undefined ? page : page.where(key, '>', slot(0))
    })
  }
}

/** Rows after a position, in the form for which the engine can seek in an index. */
function behind(order: readonly string[], slot: SlotOf, rowValueSeek: boolean) {
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's expression builder without types of tables
  return (eb: any) => {
    const [only, ...others] = order
    if (others.length === 0) return eb(only, '>', slot(0))
    if (rowValueSeek) {
      return eb(eb.refTuple(...order), '>', eb.tuple(...order.map((_, index) => slot(index))))
    }
    return eb.or(
      order.map((column, index) =>
        eb.and([
          ...order.slice(0, index).map((equal, place) => eb(equal, '=', slot(place))),
          eb(column, '>', slot(index)),
        ]),
      ),
    )
  }
}
