// Converts every error of PostgreSQL and its driver to one of Purser's, by its SQLSTATE
// (https://www.postgresql.org/docs/current/errcodes-appendix.html) or the system error code, never
// by its text.

import {
  PersistenceConnectionError,
  PersistenceError,
  QueryError,
  TimeoutError,
  TransactionConflictError,
} from '../../errors.ts'
import { type Refusal, refusals, refused } from '../core/refusals.ts'
import { tlsRefusal } from '../server/tls.ts'

/**
 * The server's or system's error without anything that may contain record content: error details
 * quote rows, and messages may quote values.
 */
export class ServerFailure extends Error {
  /** The SQLSTATE, or the system error code; undefined if the connection just ended. */
  readonly code: string | undefined
  readonly constraint: string | undefined
  /** True if nothing more can be sent over the connection. */
  readonly lost: boolean

  constructor(error: unknown, lost: boolean) {
    const { code, constraint, routine } = (error ?? {}) as {
      code?: unknown
      constraint?: unknown
      routine?: unknown
    }
    const known = typeof code === 'string' ? code : undefined
    const where = typeof routine === 'string' ? ` in ${routine}` : ''
    super(known === undefined ? 'the connection ended' : `${known}${where}`)
    this.name = 'ServerFailure'
    this.code = known
    this.constraint = typeof constraint === 'string' ? constraint : undefined
    this.lost = lost
  }
}

/** True for errors caused by a single row: the rest of its batch can be stored without it. */
export function isRowFault(error: unknown): boolean {
  const code = error instanceof ServerFailure ? error.code : undefined
  if (code === undefined) return false
  return code.startsWith('23') || code.startsWith('22') || code === '54000'
}

/** The statement was rejected because an earlier one of its transaction had failed. */
export function isFollowUp(error: unknown): boolean {
  return error instanceof ServerFailure && error.code === '25P02'
}

/** A write on a standby, or on a database that is set to read-only. */
export const READ_ONLY = '25006'

/** Of a statement that was prepared before its table changed. */
export const STALE_STATEMENT = '0A000'

/** True if the server rejected a write because it is a standby, or read-only. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof ServerFailure && error.code === READ_ONLY
}

/** True for errors after which another host may be the one that accepts writes. */
export function endsSession(code: string | undefined): boolean {
  return code !== undefined && (code.startsWith('57P') || code.startsWith('08') || code === READ_ONLY)
}

const constraints: Readonly<Record<string, Refusal>> = {
  '23503': refusals.foreignKey,
  '23502': refusals.notNull,
  '23514': refusals.check,
  '23505': refusals.unique,
  '23000': refusals.trigger,
  '22003': refusals.range,
}

const connections: Readonly<Record<string, { readonly message: string; readonly retryable: boolean }>> = {
  '28P01': { message: 'the server refused the user or the password; check both', retryable: false },
  '28000': { message: 'the server does not let this user in from here; check pg_hba.conf', retryable: false },
  '3D000': { message: 'the server has no such database; create it, or correct the name', retryable: false },
  '53300': {
    message: 'the server has no connection left; lower poolMax or raise max_connections',
    retryable: true,
  },
  '57P01': { message: 'the server ended the connection', retryable: true },
  '57P02': { message: 'the server crashed and ended the connection', retryable: true },
  '57P03': { message: 'the server is starting up or shutting down; try again', retryable: true },
}

const causes: Readonly<Record<string, { readonly message: string; readonly retryable?: boolean }>> = {
  '25006': {
    message:
      'the database is read-only: a standby, or set so; nothing was written. Name the host that accepts writes',
  },
  '42501': {
    message:
      'the user lacks a right that this needs. As the owner of the tables, with the names of the schema and the user: GRANT USAGE ON SCHEMA public TO agents_app; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO agents_app; who runs purser migrate has to own the tables, and needs CREATE on the schema',
  },
  '42P01': { message: 'a table is missing; see purser status, then run purser migrate' },
  '42703': { message: 'a column is missing; see purser status, then run purser migrate' },
  '53100': {
    message:
      'the disk of the server is full; nothing of this write was stored. Free some space and repeat it',
  },
  '53200': { message: 'the server ran out of memory', retryable: true },
  '54000': { message: 'a value is larger than the server stores' },
  XX001: { message: 'the server found a damaged page. Stop writing, copy the data, and restore a backup' },
  XX002: { message: 'the server found a damaged index. Rebuild it with REINDEX' },
}

/**
 * Turns what the driver throws into an error of the closed set, with retry advice and without
 * content of records. An error of the set is returned unchanged.
 */
export function classify(error: unknown): PersistenceError {
  if (error instanceof PersistenceError) return error
  const cause = error
  if (!(error instanceof ServerFailure)) {
    const what = error instanceof Error ? error.name : typeof error
    return new QueryError(`the PostgreSQL driver refused the call (${what})`, { cause })
  }
  const { code, lost, constraint } = error
  if (code !== undefined) {
    const refusal = refusalOf(code, constraint)
    if (refusal) return refused(refusal, cause)
    if (code === '40001' || code === '40P01') {
      return new TransactionConflictError('the transaction lost against a concurrent one; repeat it', {
        cause,
      })
    }
    if (code === STALE_STATEMENT) {
      const message = 'the form of a table changed since the connection prepared the statement; repeat it'
      return new TransactionConflictError(message, { cause })
    }
    if (code === '55P03') {
      return new TimeoutError('another transaction held a lock for longer than lockTimeout; try again', {
        cause,
      })
    }
    if (code === '57014') {
      return new TimeoutError('the statement ran longer than statementTimeout, or was cancelled', { cause })
    }
    const connection = connections[code]
    if (connection) {
      return new PersistenceConnectionError(connection.message, { cause, retryable: connection.retryable })
    }
  }
  const distrust = code === undefined ? undefined : tlsRefusal(code)
  if (distrust !== undefined) return new PersistenceConnectionError(distrust, { cause, retryable: false })
  if (lost || code === undefined || code.startsWith('08')) {
    const message =
      'the connection to the server was lost; what was not acknowledged may or may not be stored'
    return new PersistenceConnectionError(message, { cause })
  }
  const known = causes[code]
  if (known) return new QueryError(known.message, { cause, retryable: known.retryable ?? false })
  return new QueryError(`PostgreSQL refused the statement (${code})`, { cause })
}

function refusalOf(code: string, constraint: string | undefined): Refusal | string | undefined {
  if (code === '23505' && constraint?.endsWith('_pkey')) return refusals.primaryKey
  if (code.startsWith('23')) return constraints[code] ?? code
  return code.startsWith('22') ? (constraints[code] ?? refusals.check) : undefined
}
