// What every repository can do: get, list, page, count, create, delete. Verbs of one record are in its folder.

import type { Query, Row } from '../engines/engine.ts'
import { CorruptRecordError, DuplicateRecordError, InvalidRecordError } from '../errors.ts'
import { events } from '../events.ts'
import {
  createCodec,
  type Fields,
  type RecordCodec,
  type RecordDefinition,
  type RecordOf,
} from './define-record.ts'
import {
  applyConditions,
  type Condition,
  conditionsFingerprint,
  conditionsKey,
  conditionValues,
  parseFilter,
} from './filters.ts'
import { makeUlid } from './ids.ts'
import {
  type CorruptRow,
  checkLimit,
  decodeCursor,
  encodeCursor,
  MAX_LIMIT,
  type Page,
  type PageRequest,
  type Place,
} from './page.ts'
import { rawCondition } from './raw-condition.ts'
import type { RecordSession } from './session.ts'
import { type Builder, padded, type SlotOf } from './statements.ts'

/** A condition in SQL beside those of a filter, for what columns alone cannot say. */
export interface ExtraCondition {
  readonly key: string
  readonly query: Query
}

export abstract class Repository<F extends Fields> {
  protected readonly definition: RecordDefinition<F>
  protected readonly session: RecordSession
  protected readonly codec: RecordCodec<F>

  constructor(definition: RecordDefinition<F>, session: RecordSession) {
    this.definition = definition
    this.session = session
    this.codec = createCodec(definition, session.engine.codec, (id, column) =>
      this.#reportUnreadable(id, column),
    )
  }

  /**
   * The record with this id, or null.
   * @throws CorruptRecordError when its row has a key column that cannot be read
   */
  async get(id: string): Promise<RecordOf<F> | null> {
    const row = await this.findRow(id)
    return row === undefined ? null : this.codec.decode(row)
  }

  /** The records with these ids; ids without one are not in the map, and neither are rows that cannot be read. */
  async getMany(ids: readonly string[]): Promise<ReadonlyMap<string, RecordOf<F>>> {
    const found = new Map<string, RecordOf<F>>()
    for (let start = 0; start < ids.length; start += MAX_LIMIT) {
      const wanted = padded(
        ids
          .slice(start, start + MAX_LIMIT)
          .map((id) => this.codec.encodeField(this.definition.key.field, id)),
      )
      const query = this.session.statements.query(
        `${this.#table} get ${wanted.length}`,
        wanted,
        (builder, slot) =>
          this.#select(builder).where(
            this.definition.key.column,
            'in',
            wanted.map((_, index) => slot(index)),
          ),
      )
      for (const row of await this.session.read(query)) {
        const { record } = this.decodeRow(row)
        if (record) found.set(String(row[this.#keyIndex]), record)
      }
    }
    return found
  }

  protected async findRow(id: unknown): Promise<Row | undefined> {
    if (typeof id !== 'string') {
      throw new InvalidRecordError(this.definition.name, [
        { path: ['id'], code: 'type', message: 'must be a string' },
      ])
    }
    const query = this.session.statements.query(`${this.#table} get`, [id], (builder, slot) =>
      this.#select(builder).where(this.definition.key.column, '=', slot(0)),
    )
    const rows = await this.session.read(query)
    return rows[0]
  }

  /** One page in the record's order, or the reverse of it. */
  protected async page(
    filter: object,
    page: PageRequest,
    options: {
      known?: ReadonlySet<string>
      conditions?: readonly Condition[]
      extra?: ExtraCondition
      reverse?: boolean
    } = {},
  ): Promise<Page<RecordOf<F>>> {
    const limit = checkLimit(page.limit)
    const conditions = [...this.conditions(filter, options.known), ...(options.conditions ?? [])]
    const list = `${this.#table} ${options.reverse ? 'reverse' : ''} ${options.extra?.key ?? ''} ${conditionsFingerprint(conditions)}`
    const place =
      page.cursor === undefined ? undefined : decodeCursor(list, page.cursor, this.#orderColumns.length)
    const rows = await this.rowsFrom(conditions, place, limit + 1, options)
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    return {
      ...this.decodeRows(shown),
      nextCursor: rows.length > limit && last ? encodeCursor(list, this.placeOf(last)) : null,
    }
  }

  /** Every record of a filter, in pages of 500 that are read as they are asked for. */
  protected async *everything(
    filter: object,
    options: { known?: ReadonlySet<string>; conditions?: readonly Condition[] } = {},
  ): AsyncGenerator<RecordOf<F>> {
    const conditions = [...this.conditions(filter, options.known), ...(options.conditions ?? [])]
    let place: Place | undefined
    for (;;) {
      const rows = await this.rowsFrom(conditions, place, 500, {})
      yield* this.decodeRows(rows).items
      const last = rows.at(-1)
      if (rows.length < 500 || !last) return
      place = this.placeOf(last)
    }
  }

  protected async countWhere(conditions: readonly Condition[]): Promise<number> {
    const values = conditionValues(conditions)
    const query = this.session.statements.query(
      `${this.#table} count ${conditionsKey(conditions)}`,
      values,
      (builder, slot) =>
        applyConditions(
          builder.selectFrom(this.#table).select((eb) => eb.fn.countAll().as('count')),
          conditions,
          slot,
          0,
        ),
    )
    const [row] = await this.session.read(query)
    return Number(row?.[0] ?? 0)
  }

  protected conditions(filter: object, known?: ReadonlySet<string>): Condition[] {
    return parseFilter(this.definition, this.codec, filter as Readonly<Record<string, unknown>>, known)
  }

  /** Rows after a place in the order, at most `limit`. */
  protected rowsFrom(
    conditions: readonly Condition[],
    place: Place | undefined,
    limit: number,
    options: { extra?: ExtraCondition; reverse?: boolean },
  ): Promise<readonly Row[]> {
    const { extra, reverse = false } = options
    const values = [...conditionValues(conditions), ...(place ?? []), limit]
    const first = values.length - 1 - (place?.length ?? 0)
    const build = (builder: Builder, slot: SlotOf) => {
      let query = applyConditions(this.#select(builder), conditions, slot, 0)
      if (place) query = query.where(this.#beyond(slot, first, reverse))
      const direction = (this.definition.order.direction === 'asc') === reverse ? 'desc' : 'asc'
      for (const column of this.#orderColumns) query = query.orderBy(column, direction)
      return query.limit(slot(values.length - 1))
    }
    const shape = `${this.#table} list ${conditionsKey(conditions)} ${place ? 'from' : ''}${reverse ? 'reverse' : ''}`
    if (!extra) return this.session.read(this.session.statements.query(shape, values, build))
    const condition = rawCondition(extra.query)
    return this.session.read(
      this.session.statements.query(
        `${shape} ${extra.key}`,
        [...values, ...extra.query.parameters],
        (builder, slot) => build(builder, slot).where(condition((index) => slot(values.length + index))),
      ),
    )
  }

  /** Decodes rows; those that cannot be read are skipped and named. */
  protected decodeRows(rows: readonly Row[]): { items: RecordOf<F>[]; corrupt: CorruptRow[] } {
    const items: RecordOf<F>[] = []
    const corrupt: CorruptRow[] = []
    for (const row of rows) {
      const { record, fault } = this.decodeRow(row)
      if (record) items.push(record)
      else if (fault) corrupt.push(fault)
    }
    return { items, corrupt }
  }

  protected decodeRow(row: Row): { record?: RecordOf<F>; fault?: CorruptRow } {
    try {
      return { record: this.codec.decode(row) }
    } catch (error) {
      if (!(error instanceof CorruptRecordError)) throw error
      const { table, id, column } = error
      if (this.session.firstReport(table, id, column))
        this.session.events.emit(events.rowCorrupt, { table, id, column })
      return { fault: { table, id, column } }
    }
  }

  protected placeOf(row: Row): Place {
    return this.#orderIndexes.map((index) => row[index] ?? null)
  }

  /** Inserts one complete record. @throws DuplicateRecordError */
  protected async insert(record: Readonly<Record<string, unknown>>): Promise<void> {
    const outcome = await this.session.write({
      kind: 'insert',
      shape: this.definition.shape,
      row: this.codec.encode(record),
    })
    if (outcome.kind === 'duplicate') {
      throw new DuplicateRecordError(this.#table, String(record[this.definition.key.field]))
    }
  }

  /** Inserts complete records, all or none. @throws DuplicateRecordError for the first one that was there */
  protected async insertTogether(records: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    const operations = records.map((record) => ({
      kind: 'insert' as const,
      shape: this.definition.shape,
      row: this.codec.encode(record),
    }))
    await this.session.writeTogether(operations, (outcomes) => {
      const repeated = outcomes.findIndex((outcome) => outcome.kind === 'duplicate')
      if (repeated >= 0)
        throw new DuplicateRecordError(this.#table, String(records[repeated]?.[this.definition.key.field]))
    })
  }

  /**
   * An input, checked and complete, with its fields in the order of the definition.
   * @param made values for what the caller left to Purser
   */
  protected complete(input: unknown, made: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const given = this.definition.parseNew(input)
    const record: Record<string, unknown> = {}
    for (const { field } of this.definition.columns) record[field] = given[field] ?? made[field] ?? null
    record[this.definition.key.field] ??= makeUlid()
    record.unreadable = nothing
    return record
  }

  get #table(): string {
    return this.definition.shape.table
  }

  get #keyIndex(): number {
    return this.definition.shape.columns.indexOf(this.definition.key.column)
  }

  get #orderColumns(): readonly string[] {
    return this.definition.order.fields.map((field) => this.definition.columnOf(field).name)
  }

  get #orderIndexes(): readonly number[] {
    return this.#orderColumns.map((column) => this.definition.shape.columns.indexOf(column))
  }

  #select(builder: Builder) {
    return builder.selectFrom(this.#table).select([...this.definition.shape.columns])
  }

  /** The rows after a place: a row comparison where the engine seeks by one, else the same as a disjunction. */
  #beyond(slot: SlotOf, first: number, reverse: boolean) {
    const operator = (this.definition.order.direction === 'asc') === reverse ? '<' : '>'
    const [major, key] = this.#orderColumns as [string, string]
    // biome-ignore lint/suspicious/noExplicitAny: columns are known to the definition, not to Kysely's types
    return (eb: any) =>
      this.session.engine.capabilities.rowValueSeek
        ? eb(eb.refTuple(major, key), operator, eb.tuple(slot(first), slot(first + 1)))
        : eb.or([
            eb(major, operator, slot(first)),
            eb.and([eb(major, '=', slot(first)), eb(key, operator, slot(first + 1))]),
          ])
  }

  #reportUnreadable(id: string, column: string): void {
    const table = this.#table
    if (this.session.firstReport(table, id, column))
      this.session.events.emit(events.valueUnreadable, { table, id, column })
  }
}

const nothing: readonly string[] = Object.freeze([])
