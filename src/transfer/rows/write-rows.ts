// Writes rows from another store in the forms of this one's engine, unchanged: nothing is
// validated, no audit entry is appended, no event is published. An existing row is compared, never
// changed, so writing the same rows twice has no effect.

import type {
  Engine,
  NoteChanges,
  Query,
  Row,
  WireValue,
  WriteOperation,
  WriteOutcome,
} from '../../engines/contract/engine.ts'
import { retryOnConflict } from '../../engines/core/retry-on-conflict.ts'
import { ConstraintViolationError, type PersistenceError } from '../../errors.ts'
import { identityOf, RowFinder } from './find-rows.ts'
import type { RecordKind } from './record-kind.ts'
import type { LineCodec } from './record-line.ts'

/**
 * The outcome of one row.
 * - `same`: a row with this key existed, and every cell of it is equal
 * - `different`: one existed with other values; it was left unchanged
 * - `failed`: the database refuses the row; the others of the call are not affected
 */
export type RowOutcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'same' }
  | { readonly kind: 'different' }
  | { readonly kind: 'failed'; readonly error: PersistenceError }

const stored: RowOutcome = { kind: 'stored' }
const same: RowOutcome = { kind: 'same' }
const different: RowOutcome = { kind: 'different' }

/** Rows of one statement, if rows are not distinguished by a key. */
const KEPT_ROWS = 256

/** The note of a batch of writes for the feed of changes; see `Engine.writeSet`. */
export type NoteOf = (operations: readonly WriteOperation[]) => NoteChanges | undefined

/**
 * Resolves when the rows are durable, in batches of as many as the engine takes at once. They must
 * come in transfer order: what a row refers to was written before, or precedes it among them; a
 * chain continues at its end.
 * @throws what prevented a whole batch from being stored (a lost connection, a full disk); the
 * batches before it are stored then
 * @param noteOf gives the note of a batch for the feed of changes, if it is to be reported there
 */
export async function writeRows(
  engine: Engine,
  kind: RecordKind,
  rows: readonly Row[],
  lines: Pick<LineCodec, 'toLine'>,
  noteOf?: NoteOf,
): Promise<readonly RowOutcome[]> {
  const outcomes: RowOutcome[] = []
  const size = kind.uniqueKey.length > 1 ? KEPT_ROWS : engine.capabilities.maxSetSize
  for (let start = 0; start < rows.length; start += size) {
    const part = rows.slice(start, start + size)
    const writer = new RowWriter(engine, kind, lines, noteOf)
    outcomes.push(...(await retryOnConflict(() => writer.write(part), ignore)))
  }
  return outcomes
}

function ignore(): void {
  // Rows are compared with existing ones, so that writing them again is harmless.
}

class RowWriter {
  readonly #engine: Engine
  readonly #kind: RecordKind
  readonly #lines: Pick<LineCodec, 'toLine'>
  readonly #noteOf: NoteOf | undefined

  constructor(
    engine: Engine,
    kind: RecordKind,
    lines: Pick<LineCodec, 'toLine'>,
    noteOf: NoteOf | undefined,
  ) {
    this.#noteOf = noteOf
    this.#engine = engine
    this.#kind = kind
    this.#lines = lines
  }

  write(rows: readonly Row[]): Promise<readonly RowOutcome[]> {
    if (this.#kind.chain) return this.#continueChain(rows, this.#kind.chain.number)
    if (this.#kind.uniqueKey.length > 1) return this.#writePreserved(rows)
    return this.#insert(rows)
  }

  /**
   * Rows that are identified by their key. Those that violate a check constraint of the table are
   * retried once without it.
   */
  async #insert(rows: readonly Row[]): Promise<readonly RowOutcome[]> {
    const { shape } = this.#kind
    const operations = rows.map((row): WriteOperation => ({ kind: 'insert', shape, row }))
    const outcomes = [...(await this.#engine.writeSet(operations, this.#noteOf?.(operations)))]
    if (this.#engine.capabilities.passesOverChecks) {
      const refused = outcomes.flatMap((outcome, index) => (breaksCheck(outcome) ? [index] : []))
      if (refused.length > 0) {
        const again = refused.map(
          (index): WriteOperation => ({ kind: 'insert', shape, row: rows[index] as Row, skipChecks: true }),
        )
        const later = await this.#engine.writeSet(again, this.#noteOf?.(again))
        for (const [position, index] of refused.entries()) outcomes[index] = later[position] as WriteOutcome
      }
    }
    return outcomes.map((outcome, index) => this.#outcomeOf(outcome, rows[index] as Row))
  }

  #outcomeOf(outcome: WriteOutcome, row: Row): RowOutcome {
    switch (outcome.kind) {
      case 'duplicate':
        return this.#compared(outcome.existing, row)
      case 'failed':
        return outcome
      default:
        return stored
    }
  }

  #compared(existing: Row, row: Row): RowOutcome {
    return this.#lines.toLine(existing) === this.#lines.toLine(row) ? same : different
  }

  /**
   * The database accepts only the next row of a chain, so existing rows are excluded first, and so
   * are duplicates among these, and rows behind a missing one.
   */
  async #continueChain(rows: readonly Row[], number: string): Promise<readonly RowOutcome[]> {
    const index = this.#kind.shape.columns.indexOf(number)
    let reach = await this.#lastNumber(number)
    const fresh = new Set<Row>()
    for (const row of rows) {
      if (Number(row[index]) <= reach) continue
      reach = Number(row[index])
      fresh.add(row)
    }
    const outcomes = [...(await this.#insert([...fresh]))]
    const others = rows.filter((row) => !fresh.has(row))
    const known = await new RowFinder(this.#engine, this.#engine, this.#kind).find(others)
    return rows.map((row) => {
      if (fresh.has(row)) return outcomes.shift() ?? stored
      const [existing] = known.get(identityOf(this.#kind, row)) ?? []
      return existing ? this.#compared(existing, row) : different
    })
  }

  async #lastNumber(number: string): Promise<number> {
    const { sql } = this.#engine.builder
      .selectFrom(this.#kind.shape.table)
      .select(({ fn }) => fn.max(number).as('last'))
      .compile()
    return Number((await this.#engine.read({ sql, parameters: [] }))[0]?.[0] ?? 0)
  }

  /**
   * Preserved values of migrations: rows that the database numbers are identified by their content,
   * others by all columns of their key.
   */
  async #writePreserved(rows: readonly Row[]): Promise<readonly RowOutcome[]> {
    const found = await new RowFinder(this.#engine, this.#engine, this.#kind).find(rows)
    const lines = new Map(
      [...found].map(([key, existing]) => [key, existing.map((row) => this.#lines.toLine(row))]),
    )
    const outcomes = rows.map((row): RowOutcome | undefined => {
      const there = lines.get(identityOf(this.#kind, row))
      const place = there?.indexOf(this.#lines.toLine(row)) ?? -1
      if (there && place >= 0) {
        // Each of several equal rows matches one.
        if (this.#kind.number !== undefined) there.splice(place, 1)
        return same
      }
      return there && this.#kind.number === undefined ? different : undefined
    })
    const fresh = rows.filter((_, index) => outcomes[index] === undefined)
    const written = await this.#insertTogether(fresh)
    let next = 0
    return outcomes.map((outcome) => {
      if (outcome) return outcome
      next += 1
      return written[next - 1] ?? stored
    })
  }

  /**
   * All in one statement, which keeps their order; a refused one is bisected until the offending
   * row is alone.
   */
  async #insertTogether(rows: readonly Row[]): Promise<readonly RowOutcome[]> {
    if (rows.length === 0) return []
    const [outcome] = await this.#engine.writeSet([{ kind: 'execute', query: this.#insertion(rows) }])
    if (outcome?.kind !== 'failed') return rows.map(() => stored)
    if (rows.length === 1) return [outcome]
    const middle = rows.length >> 1
    return [
      ...(await this.#insertTogether(rows.slice(0, middle))),
      ...(await this.#insertTogether(rows.slice(middle))),
    ]
  }

  #insertion(rows: readonly Row[]): Query {
    const { table, columns } = this.#kind.shape
    const { sql, parameters } = this.#engine.builder
      .insertInto(table)
      .values(rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]]))))
      .compile()
    return { sql, parameters: parameters as readonly WireValue[] }
  }
}

function breaksCheck(outcome: WriteOutcome): boolean {
  return (
    outcome.kind === 'failed' &&
    outcome.error instanceof ConstraintViolationError &&
    outcome.error.constraint === 'check'
  )
}
