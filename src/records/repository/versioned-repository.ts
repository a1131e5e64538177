// Repositories of mutable records. Every change names the version it is based on and is a
// compare-and-set in the database, so of concurrent writers with the same version exactly one
// succeeds. Every change has an audit entry, which names the changed fields but never their values.

import type { ChainAppend, WireValue } from '../../engines/contract/engine.ts'
import { DuplicateRecordError, RecordNotFoundError, VersionConflictError } from '../../errors.ts'
import { MAX_INSTANT } from '../../values/instant.ts'
import { beginNow, type PerhapsAsOf, refuseFuture, takeOver } from '../model/beginning.ts'
import type { Fields, RecordOf } from '../model/define-record.ts'
import { parseOrThrow } from '../model/issues.ts'
import { integerRule } from '../model/rules.ts'
import { Repository } from './repository.ts'
import { type RecordSession, type Runner, writeAll } from './session.ts'

/** The version that a change is based on. */
export interface Base {
  readonly version: number
}

/** What is written together with a change. */
export interface ChangeOptions {
  /** A further column that must still hold one of these values. */
  readonly whereIn?: { readonly column: string; readonly values: readonly WireValue[] } | undefined
  /**
   * The audit entry of the change, appended in the same transaction; by default, the entry of an
   * update.
   */
  readonly auditEntry?: ChainAppend | undefined
  /** Writes the change in another way than alone. */
  readonly write?: RecordSession['write'] | undefined
  /** Why the row did not match although it has the version. */
  readonly mismatch?: ((actual: WireValue) => Error) | undefined
}

type Versioned<F extends Fields> = RecordOf<F> & { readonly version: number }

const versionRule = integerRule(1)

export abstract class VersionedRepository<F extends Fields> extends Repository<F> {
  /** What an entry of an update records besides field names and the version. */
  protected updateDetails(
    _changes: Readonly<Record<string, unknown>>,
  ): Readonly<Record<string, string | null>> {
    return {}
  }

  /**
   * An input as a new record: in its initial state, or as it was at an instant.
   * @throws InvalidRecordError
   */
  protected begun(input: unknown, options: PerhapsAsOf = {}): Record<string, unknown> {
    const record = this.completeRecord(input, { version: 1 })
    const asOf = this.instantOf(options)
    if (asOf === undefined) beginNow(this.definition, record, this.session.now())
    else takeOver(this.definition, record, asOf)
    return record
  }

  /**
   * @param options as parsed by `asOfOption`
   * @throws InvalidRecordError for an instant in the future
   */
  protected instantOf({ asOf }: PerhapsAsOf): Date | undefined {
    if (asOf === undefined) return undefined
    refuseFuture(this.definition, asOf as Date, this.session.now())
    return asOf as Date
  }

  /** @throws InvalidRecordError unless `base` names a version */
  protected versionOf(base: Base | undefined): number {
    return parseOrThrow(`version of the ${this.definition.name}`, versionRule, base?.version)
  }

  /** @throws RecordNotFoundError, VersionConflictError */
  protected async getAt(id: string, expected: number): Promise<Versioned<F>> {
    const current = (await this.get(id)) as Versioned<F> | null
    if (current === null) throw new RecordNotFoundError(this.definition.shape.table, id)
    this.assertVersion(current, expected)
    return current
  }

  /**
   * @throws VersionConflictError; TransactionConflictError if the enclosing transaction had read it
   * at that version
   */
  protected assertVersion(current: RecordOf<F>, expected: number): void {
    const { version } = current as Versioned<F>
    if (version === expected) return
    const id = String(current[this.definition.key.field])
    throw this.#conflict(id, expected, version)
  }

  /**
   * The time of a change to the record: now, but later than the record's own times, whichever
   * store's clock set them.
   */
  protected changeTime(current: RecordOf<F>): Date {
    const now = this.session.now().getTime()
    const before = (current as unknown as { readonly updatedAt: Date }).updatedAt.getTime()
    return new Date(now < before ? Math.min(before + 1, MAX_INSTANT) : now)
  }

  /**
   * The record with its changes, the next version and the time of the change. Unreadable columns
   * stay unreadable unless changed.
   */
  protected applyChanges(
    current: RecordOf<F>,
    changes: Readonly<Record<string, unknown>>,
    expected: number,
    updatedAt: Date = this.changeTime(current),
  ): RecordOf<F> {
    const record: Record<string, unknown> = { ...current }
    for (const [field, change] of Object.entries(changes)) {
      const merged = this.definition.fields[field]?.spec.members && change !== null
      record[field] = merged ? { ...(current[field] as object), ...(change as object) } : change
    }
    record.updatedAt = updatedAt
    record.version = expected + 1
    record.unreadable = current.unreadable.filter((field) => !(field in changes))
    return record as RecordOf<F>
  }

  /**
   * Writes the changed columns of a record made by `applyChanges`.
   * @throws RecordNotFoundError, VersionConflictError, InvalidRecordError (a rule over several
   * fields)
   */
  protected async writeChanges(
    record: RecordOf<F>,
    changes: Readonly<Record<string, unknown>>,
    options: ChangeOptions = {},
  ): Promise<void> {
    this.definition.assertRules(record)
    const { version, updatedAt } = record as unknown as { version: number; updatedAt: Date }
    const id = String(record[this.definition.key.field])
    const expected = version - 1
    const fields = Object.keys(changes)
    const details = { fields, version, ...this.updateDetails(changes) }
    const write = options.write ?? this.session.write
    const outcome = await write({
      kind: 'compareAndSet',
      shape: this.definition.shape,
      key: id,
      ...this.codec.encodeChanges({ ...changes, updatedAt, version }),
      expect: { column: 'version', value: expected },
      ...(options.whereIn === undefined ? {} : { whereIn: options.whereIn }),
      auditEntry: options.auditEntry ?? this.entryOf('update', record, details),
    })
    if (outcome.kind !== 'unmatched') return
    throw this.#mismatch(id, expected, outcome.actual, options)
  }

  /**
   * Inserts complete records, all or none.
   * @param entryOf returns the audit entry to append with a record, if not that of a creation
   * @param around what the same transaction does before the writes, and after them
   * @throws DuplicateRecordError for the first one that already existed
   */
  protected async insertTogether(
    records: readonly Readonly<Record<string, unknown>>[],
    entryOf?: (record: Readonly<Record<string, unknown>>) => ChainAppend | undefined,
    around?: {
      readonly lock: (runner: Runner) => Promise<void>
      readonly check: (runner: Runner) => Promise<void>
    },
  ): Promise<void> {
    const operations = records.map((record) => this.insertion(record, entryOf?.(record)))
    await this.session.inTransaction(async (runner) => {
      await around?.lock(runner)
      const outcomes = await writeAll(runner, operations)
      const repeated = outcomes.findIndex((outcome) => outcome.kind === 'duplicate')
      if (repeated >= 0)
        throw new DuplicateRecordError(
          this.definition.shape.table,
          String(records[repeated]?.[this.definition.key.field]),
        )
      await around?.check(runner)
    })
  }

  #mismatch(
    id: string,
    expected: number,
    actual: readonly WireValue[] | null,
    { mismatch }: ChangeOptions,
  ): Error {
    const { table } = this.definition.shape
    if (actual === null) return new RecordNotFoundError(table, id)
    const version = Number(actual[0])
    if (version !== expected || mismatch === undefined) return this.#conflict(id, expected, version)
    return mismatch(actual[1] ?? null)
  }

  #conflict(id: string, expected: number, actual: number): Error {
    const { shape } = this.definition
    return (
      this.session.conflictFor?.(shape, id, expected, actual) ??
      new VersionConflictError(shape.table, id, expected, actual)
    )
  }
}
