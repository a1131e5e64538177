// Runs a batch of writes inside an open transaction, with an outcome for each. Each shape has one
// prepared statement, and no statement can undo other writes. A write that is itself rejected fails
// alone; SQLite rolls back only its statement.

import { QueryError } from '../../errors.ts'
import type {
  ChainAppend,
  ChainHead,
  NoteChanges,
  Row,
  TableShape,
  WireValue,
  WriteOperation,
  WriteOutcome,
} from '../contract/engine.ts'
import { failedWrite } from '../core/refusals.ts'
import type { Connection } from './connection.ts'
import { builder } from './dialect.ts'
import { isRowFault } from './errors.ts'
import { insertNotes } from './feed/change-feed.ts'
import { classifyRefusal, guardTotals, type Totals } from './totals-guard.ts'

/**
 * @throws when the transaction itself is lost: a full disk, a damaged file. Then nothing of the
 * batch is stored.
 */
export function runWriteSet(
  connection: Connection,
  operations: readonly WriteOperation[],
): readonly WriteOutcome[] {
  const chains = new Chains(connection)
  for (const totals of totalsOf(operations)) guardTotals(connection, totals)
  return operations.map((operation) => {
    try {
      return runOne(connection, chains, operation)
    } catch (error) {
      if (!isRowFault(error) || !connection.inTransaction) throw error
      return failedWrite(classifyRefusal(error, operation), operation)
    }
  })
}

/**
 * Runs one write as a single autocommit statement: two statements fewer than a transaction.
 * @returns undefined when the write did not succeed; then nothing was written, and `runWriteSet`
 * finds out why
 */
export function runSingle(connection: Connection, operation: WriteOperation): WriteOutcome | undefined {
  if (!isSingle(operation)) return undefined
  if (operation.kind === 'insert') {
    if (operation.shape.totals) guardTotals(connection, operation.shape.totals)
    return connection.run(insertSql(operation.shape), operation.row) === 1 ? stored : undefined
  }
  if (operation.kind === 'compareAndSet') {
    return runCompareAndSet(connection, operation) === 1 ? updated : undefined
  }
  return undefined
}

/** As `runSingle`, in a transaction with its row of the feed. */
export function runSingleNoted(
  connection: Connection,
  operation: WriteOperation,
  note: NoteChanges,
): WriteOutcome | undefined {
  if (!isSingle(operation)) return undefined
  connection.run('BEGIN IMMEDIATE')
  try {
    const outcome = runSingle(connection, operation)
    if (!outcome) return undefined
    insertNotes(connection, note([outcome]))
    connection.run('COMMIT')
    return outcome
  } finally {
    connection.rollback()
  }
}

/** True if one statement may be all that the write takes. */
function isSingle(operation: WriteOperation): boolean {
  if ('auditEntry' in operation && operation.auditEntry) return false
  return (operation.kind === 'insert' && !operation.skipChecks) || operation.kind === 'compareAndSet'
}

const stored: WriteOutcome = { kind: 'stored' }
const updated: WriteOutcome = { kind: 'updated' }

/** The running totals that the inserts of a batch add to, each once. */
function totalsOf(operations: readonly WriteOperation[]): ReadonlySet<Totals> {
  return new Set(
    operations.flatMap((operation) =>
      operation.kind === 'insert' && operation.shape.totals ? [operation.shape.totals] : [],
    ),
  )
}

function runOne(connection: Connection, chains: Chains, operation: WriteOperation): WriteOutcome {
  if (operation.kind === 'append') return chains.append(operation.chain)
  const auditEntry = operation.kind === 'execute' ? undefined : operation.auditEntry
  if (!auditEntry) return runPlain(connection, operation)
  return chains.both(
    () => runPlain(connection, operation),
    (outcome) =>
      outcome.kind === 'stored' ||
      outcome.kind === 'updated' ||
      (outcome.kind === 'deleted' && outcome.count > 0),
    auditEntry,
  )
}

function runPlain(
  connection: Connection,
  operation: Exclude<WriteOperation, { kind: 'append' }>,
): WriteOutcome {
  const { kind } = operation
  switch (kind) {
    case 'insert':
      return operation.skipChecks
        ? withoutChecks(connection, () => insert(connection, operation.shape, operation.row))
        : insert(connection, operation.shape, operation.row)
    case 'compareAndSet':
      return compareAndSet(connection, operation)
    case 'delete': {
      const count = connection.run(deleteSql(operation.shape), [operation.key])
      return { kind: 'deleted', count }
    }
    case 'execute':
      return { kind: 'executed', count: connection.run(operation.query.sql, operation.query.parameters) }
    default:
      return kind satisfies never
  }
}

/**
 * Appends to chains. The last row of each is read once per batch, because no other writer can
 * append while the transaction is open.
 */
class Chains {
  readonly #connection: Connection
  readonly #heads = new Map<string, ChainHead | null>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  append({ shape, head, idempotent, link }: ChainAppend): WriteOutcome {
    const { row, sequence, hash } = link(this.#headOf(shape, head))
    if (idempotent) {
      const existing = find(this.#connection, shape, shape.key, cellOf(shape, row, shape.key))
      if (existing) return { kind: 'duplicate', existing }
    }
    if (this.#connection.run(insertSql(shape), row) !== 1) {
      throw new QueryError(`an entry of ${shape.table} was refused, and no row is in its way`)
    }
    this.#heads.set(shape.table, { sequence, hash })
    return stored
  }

  /** Runs a write and, if it succeeds, appends its audit entry, atomically. */
  both(
    write: () => WriteOutcome,
    wentThrough: (outcome: WriteOutcome) => boolean,
    auditEntry: ChainAppend,
  ): WriteOutcome {
    const connection = this.#connection
    connection.run('SAVEPOINT purser_both')
    try {
      const outcome = write()
      if (wentThrough(outcome) && this.append(auditEntry).kind !== 'stored') {
        throw new QueryError(`an entry of ${auditEntry.shape.table} has an id that is there already`)
      }
      connection.run('RELEASE purser_both')
      return outcome
    } catch (error) {
      this.#heads.clear()
      if (connection.inTransaction) {
        connection.run('ROLLBACK TO purser_both')
        connection.run('RELEASE purser_both')
      }
      throw error
    }
  }

  #headOf(shape: TableShape, columns: ChainAppend['head']): ChainHead | null {
    const known = this.#heads.get(shape.table)
    if (known !== undefined) return known
    const [row] = this.#connection.all({ sql: headSql(shape, columns), parameters: [1] })
    return row ? { sequence: Number(row[0]), hash: String(row[1]) } : null
  }
}

function insert(connection: Connection, shape: TableShape, row: Row): WriteOutcome {
  if (connection.run(insertSql(shape), row) === 1) return stored
  const uniqueKey = shape.uniqueKey === undefined ? null : cellOf(shape, row, shape.uniqueKey)
  const existing =
    (uniqueKey === null ? undefined : find(connection, shape, shape.uniqueKey ?? shape.key, uniqueKey)) ??
    find(connection, shape, shape.key, cellOf(shape, row, shape.key))
  if (!existing) throw new QueryError(`an insert into ${shape.table} was refused, and no row is in its way`)
  return { kind: 'duplicate', existing }
}

/**
 * Statements are prepared again when the setting changes, so each one runs with the intended
 * checks.
 */
function withoutChecks<T>(connection: Connection, action: () => T): T {
  connection.handle.pragma('ignore_check_constraints = on')
  try {
    return action()
  } finally {
    connection.handle.pragma('ignore_check_constraints = off')
  }
}

function cellOf(shape: TableShape, row: Row, column: string): WireValue {
  return row[shape.columns.indexOf(column)] ?? null
}

function find(connection: Connection, shape: TableShape, column: string, value: WireValue): Row | undefined {
  return connection.all({ sql: findSql(shape, column), parameters: [value] })[0]
}

function compareAndSet(
  connection: Connection,
  operation: Extract<WriteOperation, { kind: 'compareAndSet' }>,
): WriteOutcome {
  if (runCompareAndSet(connection, operation) === 1) return updated
  const { shape, key, expect, whereIn } = operation
  const looked = whereIn === undefined ? [expect.column] : [expect.column, whereIn.column]
  const actual = connection.all({ sql: lookSql(shape, looked), parameters: [key] })[0] ?? null
  return { kind: 'unmatched', actual }
}

function runCompareAndSet(
  connection: Connection,
  operation: Extract<WriteOperation, { kind: 'compareAndSet' }>,
): number {
  const { shape, key, columns, values, expect, whereIn } = operation
  const parameters = [...values, key, expect.value, ...(whereIn?.values ?? [])]
  const sql = compareAndSetSql(shape, columns, expect.column, whereIn?.column, whereIn?.values.length ?? 0)
  return connection.run(sql, parameters)
}

// Statements are compiled once per shape. Parameters are in the order in which the columns are
// named.

const compiled = new Map<string, string>()

function once(key: string, build: () => { compile(): { sql: string } }): string {
  let sql = compiled.get(key)
  if (sql === undefined) {
    sql = build().compile().sql
    compiled.set(key, sql)
  }
  return sql
}

const insertStatements = new WeakMap<TableShape, string>()

function insertSql(shape: TableShape): string {
  let sql = insertStatements.get(shape)
  if (sql === undefined) {
    const row = Object.fromEntries(shape.columns.map((column) => [column, 0]))
    sql = builder
      .insertInto(shape.table)
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .compile().sql
    insertStatements.set(shape, sql)
  }
  return sql
}

function findSql(shape: TableShape, column: string): string {
  return once(`find ${shape.table} ${column}`, () =>
    builder
      .selectFrom(shape.table)
      .select([...shape.columns])
      .where(column, '=', 0),
  )
}

/** Its one parameter is the number of rows: 1. */
function headSql(shape: TableShape, { sequence, hash }: ChainAppend['head']): string {
  return once(`head ${shape.table}`, () =>
    builder.selectFrom(shape.table).select([sequence, hash]).orderBy(sequence, 'desc').limit(1),
  )
}

function lookSql(shape: TableShape, columns: readonly string[]): string {
  return once(`look ${shape.table} ${columns.join()}`, () =>
    builder
      .selectFrom(shape.table)
      .select([...columns])
      .where(shape.key, '=', 0),
  )
}

function deleteSql(shape: TableShape): string {
  return once(`delete ${shape.table}`, () => builder.deleteFrom(shape.table).where(shape.key, '=', 0))
}

function compareAndSetSql(
  shape: TableShape,
  columns: readonly string[],
  expected: string,
  whereIn: string | undefined,
  choices: number,
): string {
  return once(`set ${shape.table} ${columns.join()} ${expected} ${whereIn}${choices}`, () => {
    const change = builder
      .updateTable(shape.table)
      .set(Object.fromEntries(columns.map((column) => [column, 0])))
      .where(shape.key, '=', 0)
      .where(expected, '=', 0)
    return whereIn === undefined ? change : change.where(whereIn, 'in', Array(choices).fill(0))
  })
}
