// What every repository can do: get, list, page, count, create, delete. Verbs of one record are in
// its folder.

import type { ChainAppend, Row } from '../../engines/contract/engine.ts'
import { CorruptRecordError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { makeUlid } from '../../values/ids.ts'
import { type ChangeRemarks, changeEvent, creationDetails } from '../audit-entries/change-event.ts'
import { type AuditEvent, AuditTrail } from '../audit-entries/trail.ts'
import type { Fields, RecordDefinition, RecordOf } from '../model/define-record.ts'
import { createCodec, type RecordCodec } from '../model/record-codec.ts'
import { checkArguments, checkedInside, text, texts } from './arguments.ts'
import { type OwnFilters, parseFilter } from './filters.ts'
import {
  type CorruptRow,
  type CursorPosition,
  checkLimit,
  decodeCursor,
  encodeCursor,
  MAX_LIMIT,
  type OrderRequest,
  type Page,
  type PageRequest,
} from './page.ts'
import { RowOrder } from './row-order.ts'
import { applySelection, fingerprintOf, type Selection, shapeOf, valuesOf } from './selection.ts'
import type { RecordSession } from './session.ts'
import { type Builder, padded } from './statements.ts'

/** Rows read at once: for a whole list, and for the first part of a page whose rows are tested. */
const STEP = 500
const FIRST_TESTED_STEP = 100

export abstract class Repository<F extends Fields> {
  static {
    checkArguments(Repository, {
      get: [text('id')],
      getMany: [texts('ids')],
      idsFrom: [text('beginning'), checkedInside],
    })
  }

  protected readonly definition: RecordDefinition<F>
  protected readonly session: RecordSession
  #codec: RecordCodec<F> | undefined
  #getSql: string | undefined
  #trail: AuditTrail | undefined
  #rowOrder: RowOrder | undefined

  constructor(definition: RecordDefinition<F>, session: RecordSession) {
    this.definition = definition
    this.session = session
  }

  /** Created on first use: a transaction has all repositories, but uses few. */
  protected get codec(): RecordCodec<F> {
    this.#codec ??= createCodec(this.definition, this.session.engine.codec, (id, column) =>
      this.#reportUnreadable(id, column),
    )
    return this.#codec
  }

  /**
   * The record with this id, or null.
   * @throws CorruptRecordError if a key column of its row cannot be read
   */
  async get(id: string): Promise<RecordOf<F> | null> {
    const row = await this.findRow(id)
    return row === undefined ? null : this.codec.decode(row)
  }

  /**
   * Ids that begin with a text, in order, at most `limit`. For people, who type as few characters
   * of an id as possible.
   */
  async idsFrom(beginning: string, limit: number): Promise<readonly string[]> {
    const { shape, key } = this.definition
    // The last code point: engines order by code point, so every text with the prefix sorts below
    // it.
    const values = [beginning, `${beginning}\u{10ffff}`, checkLimit(limit)]
    const query = this.session.statements.query(`${shape.table} ids from`, values, (builder, slot) =>
      builder
        .selectFrom(shape.table)
        .select(key.column)
        .where(key.column, '>=', slot(0))
        .where(key.column, '<', slot(1))
        .orderBy(key.column)
        .limit(slot(2)),
    )
    return (await this.session.read(query)).map((row) => String(row[0]))
  }

  /** The records with these ids; missing ids and unreadable rows are not in the map. */
  async getMany(ids: readonly string[]): Promise<ReadonlyMap<string, RecordOf<F>>> {
    const found = new Map<string, RecordOf<F>>()
    for (let start = 0; start < ids.length; start += MAX_LIMIT) {
      const wanted = padded(
        ids
          .slice(start, start + MAX_LIMIT)
          .map((id) => this.codec.encodeField(this.definition.key.field, id)),
      )
      const query = this.session.statements.rowsByKey(this.definition.shape, wanted)
      for (const row of await this.session.read(query)) {
        const { record } = this.decodeRow(row)
        if (record) found.set(String(row[this.#keyIndex]), record)
      }
    }
    return found
  }

  protected async findRow(id: string): Promise<Row | undefined> {
    if (this.session.getRow) return this.session.getRow(this.definition.shape, id)
    // The most frequent read: its SQL is compiled on the first call and cached in the repository
    // itself.
    this.#getSql ??= this.#select(this.session.engine.builder)
      .where(this.definition.key.column, '=', id)
      .compile().sql
    const rows = await this.session.read({ sql: this.#getSql, parameters: [id] })
    return rows[0]
  }

  /** One page, in the record's order unless the request says otherwise. */
  protected async page(selection: Selection, page: PageRequest): Promise<Page<RecordOf<F>>> {
    const limit = checkLimit(page.limit)
    const reverse = this.#order.isReverse(page)
    const list = `${this.#table} ${reverse ? 'reverse ' : ''}${fingerprintOf(selection)}`
    const position =
      page.cursor === undefined ? undefined : decodeCursor(list, page.cursor, this.#order.columns.length)
    const rows = selection.test
      ? await this.#testedRows(selection, position, limit + 1, reverse)
      : await this.rowsFrom(selection, position, limit + 1, reverse)
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    return {
      ...this.decodeRows(shown),
      nextCursor: rows.length > limit && last ? encodeCursor(list, this.positionOf(last)) : null,
    }
  }

  async #testedRows(
    selection: Selection,
    position: CursorPosition | undefined,
    wanted: number,
    reverse: boolean,
  ): Promise<readonly Row[]> {
    const passes = this.#testOf(selection)
    const found: Row[] = []
    let step = Math.max(wanted, FIRST_TESTED_STEP)
    for (let from = position; ; ) {
      const rows = await this.rowsFrom(selection, from, step, reverse)
      found.push(...rows.filter(passes))
      const last = rows.at(-1)
      if (found.length >= wanted || rows.length < step || !last) return found.slice(0, wanted)
      from = this.positionOf(last)
      step = Math.max(wanted, Math.min(step * 2, STEP))
    }
  }

  /** The selection's test of whole rows. */
  #testOf({ test }: Selection): (row: Row) => boolean {
    if (!test) return () => true
    const indexes = test.columns.map((column) => this.definition.shape.columns.indexOf(column))
    return (row) => test.passes(indexes.map((index) => row[index] ?? null))
  }

  /** Every record of a selection, in pages of 500, fetched on demand. */
  protected async *iterate(selection: Selection, options: OrderRequest = {}): AsyncGenerator<RecordOf<F>> {
    const reverse = this.#order.isReverse(options)
    const passes = this.#testOf(selection)
    let position: CursorPosition | undefined
    for (;;) {
      const rows = await this.rowsFrom(selection, position, STEP, reverse)
      yield* this.decodeRows(rows.filter(passes)).items
      const last = rows.at(-1)
      if (rows.length < STEP || !last) return
      position = this.positionOf(last)
    }
  }

  protected async countOf(selection: Selection): Promise<number> {
    if (selection.test) {
      let count = 0
      for await (const _ of this.#testedColumns(selection, [])) count += 1
      return count
    }
    const shape = `${this.#table} count ${shapeOf(selection)}`
    const query = this.session.statements.query(shape, valuesOf(selection), (builder, slot) =>
      applySelection(
        builder.selectFrom(this.#table).select((eb) => eb.fn.countAll().as('count')),
        selection,
        slot,
      ),
    )
    const [row] = await this.session.read(query)
    return Number(row?.[0] ?? 0)
  }

  /**
   * How many rows of a selection have each combination of values of these columns: the values, then
   * the number; in no particular order.
   */
  protected async groupsOf(selection: Selection, columns: readonly string[]): Promise<readonly Row[]> {
    if (selection.test) {
      const groups = new Map<string, { readonly values: Row; count: number }>()
      for await (const values of this.#testedColumns(selection, columns)) {
        const key = JSON.stringify(values)
        const group = groups.get(key)
        if (group) group.count += 1
        else groups.set(key, { values, count: 1 })
      }
      return [...groups.values()].map(({ values, count }) => [...values, count])
    }
    const shape = `${this.#table} groups ${columns.join()} ${shapeOf(selection)}`
    const query = this.session.statements.query(shape, valuesOf(selection), (builder, slot) =>
      applySelection(
        builder
          .selectFrom(this.#table)
          .select([...columns])
          .select((eb) => eb.fn.countAll().as('count'))
          .groupBy([...columns]),
        selection,
        slot,
      ),
    )
    return this.session.read(query)
  }

  /** These columns of every row that passes the selection's test, without reading the others. */
  async *#testedColumns(selection: Selection, columns: readonly string[]): AsyncGenerator<Row> {
    const { test } = selection
    const order = this.#order.columns.length
    const tested = order + (test?.columns.length ?? 0)
    const read = [...this.#order.columns, ...(test?.columns ?? []), ...columns]
    let position: CursorPosition | undefined
    for (;;) {
      const rows = await this.rowsFrom(selection, position, STEP, false, read)
      for (const row of rows) if (test?.passes(row.slice(order, tested))) yield row.slice(tested)
      const last = rows.at(-1)
      if (rows.length < STEP || !last) return
      position = last.slice(0, order)
    }
  }

  /** @param own the filters that are not fields */
  protected selection(filter: object, own?: OwnFilters): Selection {
    return parseFilter(this.definition, this.codec, this.session.engine.matching, filter, own)
  }

  /**
   * At most `limit` rows after a position in the order (or before it, in reverse order); whole
   * ones, or only these columns.
   */
  protected rowsFrom(
    selection: Selection,
    position: CursorPosition | undefined,
    limit: number,
    reverse = false,
    columns: readonly string[] = this.definition.shape.columns,
  ): Promise<readonly Row[]> {
    const { rowValueSeek } = this.session.engine.capabilities
    const selected = valuesOf(selection)
    const values = [...selected, ...(position ?? []), limit]
    const part = columns === this.definition.shape.columns ? '' : `${columns.join()} `
    const shape = `${this.#table} list ${part}${shapeOf(selection)} ${position ? 'from' : ''}${reverse ? 'reverse' : ''}`
    const query = this.session.statements.query(shape, values, (builder, slot) => {
      let list = applySelection(this.#select(builder, columns), selection, slot)
      if (position) list = list.where(this.#order.beyond(slot, selected.length, reverse, rowValueSeek))
      const direction = this.#order.direction(reverse)
      for (const column of this.#order.columns) list = list.orderBy(column, direction)
      return list.limit(slot(values.length - 1))
    })
    return this.session.read(query)
  }

  /** Decodes rows; those that cannot be read are skipped and listed. */
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

  protected positionOf(row: Row): CursorPosition {
    return this.#order.positionOf(row)
  }

  /** Created on first use, like the codec. */
  protected get trail(): AuditTrail {
    this.#trail ??= new AuditTrail(this.session)
    return this.#trail
  }

  /**
   * The audit entry of a verb applied to a record: `task:update`. Undefined if the definition says
   * that changes of such records have none.
   */
  protected entryOf(
    verb: string,
    record: Readonly<Record<string, unknown>>,
    details: AuditEvent['details'],
    remarks: ChangeRemarks = {},
  ): ChainAppend | undefined {
    const event = changeEvent(this.definition, verb, record, details, remarks)
    return event && this.trail.entry(event)
  }

  /** The entry of a new record. */
  protected creationEntry(record: Readonly<Record<string, unknown>>): ChainAppend | undefined {
    return this.entryOf('create', record, creationDetails(record))
  }

  /** The write of a new record with its audit entry: by default, the one of a creation. */
  protected insertion(
    record: Readonly<Record<string, unknown>>,
    auditEntry: ChainAppend | undefined = this.creationEntry(record),
  ) {
    const { shape } = this.definition
    return {
      kind: 'insert' as const,
      shape,
      row: this.codec.encode(record),
      ...(auditEntry && { auditEntry }),
    }
  }

  /** The write that deletes a record, with its audit entry if there was one to delete. */
  protected deletion(
    key: string,
    auditEntry: ChainAppend | undefined = this.entryOf('delete', { [this.definition.key.field]: key }, null),
  ) {
    const { shape } = this.definition
    return { kind: 'delete' as const, shape, key, ...(auditEntry && { auditEntry }) }
  }

  /**
   * An input, checked and completed, with its fields in definition order.
   * @param made values for what the caller left to Purser
   */
  protected completeRecord(input: unknown, made: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const given = this.definition.parseNew(input)
    const record: Record<string, unknown> = {}
    for (const [field, { spec }] of Object.entries(this.definition.fields)) {
      const initial = spec.given === 'managed' ? spec.initial : undefined
      record[field] = given[field] ?? made[field] ?? initial ?? null
    }
    record[this.definition.key.field] ??= makeUlid()
    record.unreadable = nothing
    return record
  }

  /** A record as it would be read: storage normalizes some values, such as -0 to 0. */
  protected asRead(record: RecordOf<F>): RecordOf<F> {
    return this.codec.decode(this.codec.encode(record))
  }

  get #table(): string {
    return this.definition.shape.table
  }

  get #keyIndex(): number {
    return this.definition.shape.columns.indexOf(this.definition.key.column)
  }

  /** Derived on first use, as the codec is. */
  get #order(): RowOrder {
    this.#rowOrder ??= new RowOrder(this.definition)
    return this.#rowOrder
  }

  #select(builder: Builder, columns = this.definition.shape.columns) {
    return builder.selectFrom(this.#table).select([...columns])
  }

  #reportUnreadable(id: string, column: string): void {
    const table = this.#table
    if (this.session.firstReport(table, id, column))
      this.session.events.emit(events.valueUnreadable, { table, id, column })
  }
}

const nothing: readonly string[] = Object.freeze([])
