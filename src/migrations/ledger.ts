// The ledger: the migrations that a database has, with their checksums. Its statements run in the
// transaction of the migration, or of its last step.

import { createHash } from 'node:crypto'
import type { Engine, Query, Row } from '../engines/contract/engine.ts'
import {
  LEDGER_TABLE,
  type LiveSchema,
  type MigrationStatement,
  type TableSpec,
} from '../engines/contract/schema.ts'
import { MigrationError } from '../errors.ts'
import type { MigrationHead } from './chain.ts'
import type { Migration } from './migration.ts'

export const LEDGER = LEDGER_TABLE

export const ledgerTable: TableSpec = {
  name: LEDGER,
  columns: [
    { name: 'version', type: 'integer' },
    { name: 'name', type: 'name' },
    { name: 'checksum', type: 'name' },
    { name: 'breaking', type: 'boolean' },
    { name: 'applied_at', type: 'instant' },
    { name: 'duration_ms', type: 'integer' },
    { name: 'purser_version', type: 'name' },
  ],
  primaryKey: ['version'],
}

export interface LedgerEntry {
  readonly version: number
  readonly name: string
  readonly checksum: string
  readonly breaking: boolean
  /** The version of Purser that applied it. */
  readonly purserVersion: string
}

/** The entries by version. Fails if the table is missing. */
export async function readLedger(
  engine: Engine,
  read: (query: Query) => Promise<readonly Row[]>,
): Promise<readonly LedgerEntry[]> {
  const { sql } = engine.builder
    .selectFrom(LEDGER)
    .select(['version', 'name', 'checksum', 'breaking', 'purser_version'])
    .orderBy('version')
    .compile()
  return (await read({ sql, parameters: [] })).map(([version, name, checksum, breaking, purserVersion]) => ({
    version: Number(version),
    name: String(name),
    checksum: String(checksum),
    breaking: breaking !== null && breaking !== undefined && engine.codec.decode.boolean(breaking) === true,
    purserVersion: String(purserVersion),
  }))
}

/** True if the database has a ledger of migrations, and so belongs to Purser. */
export function hasLedger(live: LiveSchema): boolean {
  return live.tables.some(({ name }) => name === LEDGER)
}

/** When a migration ran, and by which build. */
export interface AppliedFacts {
  readonly appliedAt: Date
  readonly durationMs: number
  readonly purserVersion: string
}

/** The ledger entry of an applied migration. */
export function ledgerRow(engine: Engine, migration: MigrationHead, facts: AppliedFacts) {
  const { encode } = engine.codec
  return {
    version: migration.version,
    name: migration.name,
    checksum: checksumOf(engine, migration),
    breaking: encode.boolean(migration.breaking),
    applied_at: encode.instant(facts.appliedAt),
    duration_ms: Math.round(facts.durationMs),
    purser_version: facts.purserVersion,
  }
}

/** The statement that records migrations as applied. */
export function noteRows(engine: Engine, rows: readonly ReturnType<typeof ledgerRow>[]): Query {
  const { sql, parameters } = engine.builder
    .insertInto(LEDGER)
    .values([...rows])
    .compile()
  return { sql, parameters: parameters as Query['parameters'] }
}

/** The statement that removes a migration from the ledger. */
export function noteReverted(engine: Engine, migration: MigrationHead): Query {
  const { sql, parameters } = engine.builder
    .deleteFrom(LEDGER)
    .where('version', '=', migration.version)
    .compile()
  return { sql, parameters: parameters as Query['parameters'] }
}

const checksums = new WeakMap<MigrationHead, Map<string, string>>()
/** Checksums are computed over statements rendered at one fixed instant. */
const checksumInstant = new Date(0)

/**
 * SHA-256 over the statements of both directions, as the engine renders them; empty for a migration
 * that the engine does not have.
 */
export function checksumOf(engine: Engine, migration: MigrationHead | Migration): string {
  if (!('up' in migration)) return engine.schema.adoption?.checksums[migration.version] ?? ''
  const known = checksums.get(migration) ?? new Map<string, string>()
  checksums.set(migration, known)
  let checksum = known.get(engine.name)
  if (checksum === undefined) {
    const writer = engine.schema.writer(checksumInstant)
    checksum = checksumOfStatements([...migration.up(writer), ...migration.down(writer)])
    known.set(engine.name, checksum)
  }
  return checksum
}

/** SHA-256 in hex of the statements' SQL, in order. Labels do not count. */
export function checksumOfStatements(statements: readonly MigrationStatement[]): string {
  return createHash('sha256')
    .update(statements.map(({ sql }) => sql).join('\0'))
    .digest('hex')
}

/** @throws MigrationError when the checksum of an entry differs from this build's */
export function assertChecksums(
  engine: Engine,
  entries: readonly LedgerEntry[],
  chain: readonly (MigrationHead | Migration)[],
): void {
  for (const entry of entries) {
    const migration = chain.find((candidate) => candidate.version === entry.version)
    if (!migration) continue
    const expected = checksumOf(engine, migration)
    if (expected === entry.checksum && migration.name === entry.name) continue
    throw new MigrationError(
      `migration ${label(entry)} of the database is not the one of this build (checksum ${entry.checksum} in the database, ${expected} here); nothing was changed. Use the build that made the database, or restore a backup`,
      { details: [`database: ${entry.checksum}`, `this build: ${expected}`] },
    )
  }
}

/** For example `0003-tasks`. */
export function label(migration: { readonly version: number; readonly name: string }): string {
  return `${String(migration.version).padStart(4, '0')}-${migration.name}`
}
