// Converts every error of the MariaDB server and its driver to one of Purser's, by its number
// (https://mariadb.com/kb/en/mariadb-error-code-reference/) or the driver's code, never by its
// text.

import {
  PersistenceConnectionError,
  PersistenceError,
  QueryError,
  TimeoutError,
  TransactionConflictError,
} from '../../errors.ts'
import { type Refusal, refusals, refused } from '../core/refusals.ts'
import { distrust, noTls, tlsRefusal } from '../server/tls.ts'

/** The server's error number; undefined if the error is not from the server. */
export function serverNumber(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errno' in error) || !('sqlState' in error)) return undefined
  return typeof error.errno === 'number' && error.errno > 0 ? error.errno : undefined
}

/** The driver's own code of an error, if it has one. */
export function driverCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** The driver's code for a server that does not offer TLS. */
export const NO_TLS = 'HANDSHAKE_NO_SSL_SUPPORT'

const DUPLICATE = 1062
const DEADLOCK = 1213
const LOCK_WAIT = 1205
/**
 * Another transaction has changed the row since this one began to read
 * (`innodb_snapshot_isolation`).
 */
const CHANGED_SINCE = 1020

/**
 * Like `classify`, inside an interactive transaction: one that waited too long for another should
 * be repeated from the start.
 */
export function classifyInTransaction(error: unknown): PersistenceError {
  if (serverNumber(error) !== LOCK_WAIT) return classify(error)
  const message = 'another transaction held a lock for longer than lockTimeout; repeat this one'
  return new TransactionConflictError(message, { cause: withoutContent(error) })
}

/** A write that the server would end the connection over; it was not sent. */
export class PacketTooLong extends RangeError {
  constructor(bytes: number, maxPacket: number) {
    super(
      `the write has ${bytes} bytes, and the server takes ${maxPacket} at once; as an administrator: SET GLOBAL max_allowed_packet = 33554432, and the same in the server's configuration; then open the store again`,
    )
  }
}

/** True if a row with that key exists. */
export const isDuplicate = (error: unknown) => serverNumber(error) === DUPLICATE

/** True if a row violates a check constraint. */
export const isCheckFault = (error: unknown) => serverNumber(error) === 4025

/** True if the server has rolled back the whole transaction, not just the statement. */
export const endsTransaction = (error: unknown) =>
  serverNumber(error) === DEADLOCK || serverNumber(error) === CHANGED_SINCE || isLost(error)

const constraints: Readonly<Record<number, Refusal>> = {
  [DUPLICATE]: refusals.unique,
  1048: refusals.notNull,
  1364: refusals.notNull,
  1452: refusals.foreignKey,
  1216: refusals.foreignKey,
  1451: refusals.foreignKey,
  1217: refusals.foreignKey,
  4025: refusals.check,
  1644: refusals.trigger,
  1406: { constraint: 'length', message: 'a value is longer than its column' },
  1264: refusals.range,
  1690: refusals.range,
  1366: { constraint: 'type', message: 'a value is not of the type of its column' },
  1292: { constraint: 'type', message: 'a value is not of the type of its column' },
  1265: { constraint: 'type', message: 'a value is not of the type of its column' },
}

/** True for errors caused by a single row: the rest of its batch can be stored without it. */
export function isRowFault(error: unknown): boolean {
  const number = serverNumber(error)
  if (number !== undefined) return Object.hasOwn(constraints, number) || number === 1153
  return error instanceof RangeError || error instanceof TypeError
}

const grants =
  "As an administrator, with the names of the database and the user: GRANT SELECT, INSERT, UPDATE, DELETE ON agents.* TO 'agents_app'@'%'; who runs purser migrate needs CREATE, DROP, ALTER, INDEX, REFERENCES, TRIGGER too"

const logins: Readonly<Record<number, string>> = {
  1045: 'the server refuses this user or password; check the URL of the store',
  1044: `the user has no rights on this database, or it does not exist. ${grants}`,
  1049: 'the database does not exist. As an administrator, with its name: CREATE DATABASE agents CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin',
  1698: 'the server refuses this user; check the URL of the store',
  1251: 'the server asks for a way to log in that the driver does not know',
  3159: 'the server takes encrypted connections only; add sslmode=require to the URL of the store',
}

const connectionFaults: Readonly<Record<number, string>> = {
  1040: 'the server has no connection left; lower poolMax, or raise max_connections',
  1203: "the user has no connection left; lower poolMax, or raise the user's limit",
  1226: "the user's limit of the server is reached",
  1053: 'the server is shutting down',
  1152: 'the connection was cut off',
  1927: 'the connection was killed',
  1047: 'the node of the cluster is not ready',
}

const causes: Readonly<Record<number, string>> = {
  1021: 'the disk of the server is full; nothing of this write was stored. Free some space and repeat it',
  1114: 'the table or the disk of the server is full; nothing of this write was stored. Free some space and repeat it',
  1142: `the user lacks a right on a table. ${grants}`,
  1143: `the user lacks a right on a column. ${grants}`,
  1227: `the user lacks a right. ${grants}`,
  1370: `the user lacks a right on a routine. ${grants}`,
  1146: 'a table is missing. A database at another version has other tables: see purser status, then run purser migrate',
  1054: 'a column is missing. A database at another version has other columns: see purser status, then run purser migrate',
  1153: "the write is larger than the server's max_allowed_packet; raise it to 32M or more",
  1290: 'the server is read-only; nothing was written. Write to the one that it follows',
  1836: 'the server is read-only; nothing was written. Write to the one that it follows',
  1792: 'the transaction is read-only',
}

/** True if the server does not have the database. */
export function isUnknownDatabase(error: unknown): boolean {
  return serverNumber(error) === 1049
}

/** True if the server rejects all writes: it is a replica, or read-only. */
export function isReadOnlyServer(error: unknown): boolean {
  const number = serverNumber(error)
  return number === 1290 || number === 1836
}

/** True if the connection is gone, whichever side closed it. */
export function isLost(error: unknown): boolean {
  const number = serverNumber(error)
  if (number !== undefined) return number === 1053 || number === 1152 || number === 1927
  if (error instanceof PersistenceError) return false
  return error instanceof Error && 'fatal' in error && error.fatal === true ? true : isNetwork(error)
}

function isNetwork(error: unknown): boolean {
  const code = driverCode(error)
  return code !== undefined && (code.startsWith('PROTOCOL_') || /^E[A-Z]+$/.test(code))
}

/**
 * Turns what the driver throws into an error of the closed set, with retry advice and without
 * content of records. An error of the set is returned unchanged.
 */
export function classify(error: unknown): PersistenceError {
  if (error instanceof PersistenceError) return error
  if (error instanceof PacketTooLong) return new QueryError(error.message)
  const cause = withoutContent(error)
  const number = serverNumber(error)
  if (number !== undefined) return classifyNumber(number, cause)
  const code = driverCode(error)
  if (code === 'PROTOCOL_SEQUENCE_TIMEOUT' || code === 'ETIMEDOUT') {
    return new TimeoutError('the server did not answer in time; try again', { cause })
  }
  if (code?.startsWith('HANDSHAKE_')) {
    return new PersistenceConnectionError(tlsFault(error as Error, code), { cause, retryable: false })
  }
  if (isLost(error)) {
    const message = `the connection to the server is lost (${code ?? 'no code'}); a write that was under way may or may not be stored`
    return new PersistenceConnectionError(message, { cause })
  }
  const what = error instanceof Error ? error.name : typeof error
  return new QueryError(`the MariaDB driver refused the call (${what})`, { cause })
}

/**
 * The driver replaces Node's error code with its own, so Node's errors are recognised by their
 * other properties.
 */
function tlsFault(error: Error, code: string): string {
  if (code === NO_TLS) return noTls
  if ('cert' in error) return tlsRefusal('ERR_TLS_CERT_ALTNAME_INVALID') ?? distrust(code)
  if ('library' in error)
    return `no encrypted connection could be made (${code}); compare the TLS of both sides`
  return distrust(code)
}

function classifyNumber(number: number, cause: Error): PersistenceError {
  const constraint = constraints[number]
  if (constraint) return refused(constraint, cause)
  if (number === DEADLOCK || number === CHANGED_SINCE) {
    return new TransactionConflictError('another transaction was faster; repeat this one', { cause })
  }
  if (number === LOCK_WAIT) {
    const message = 'another transaction held a lock for longer than lockTimeout; try again'
    return new TimeoutError(message, { cause })
  }
  if (number === 1969 || number === 3024 || number === 1317) {
    return new TimeoutError('the statement took longer than statementTimeout, or was stopped; try again', {
      cause,
    })
  }
  const login = logins[number]
  if (login !== undefined) return new PersistenceConnectionError(login, { cause, retryable: false })
  const lost = connectionFaults[number]
  if (lost !== undefined) return new PersistenceConnectionError(lost, { cause })
  return new QueryError(causes[number] ?? `MariaDB refused the statement (error ${number})`, { cause })
}

/**
 * The error without quoted data. The server's messages contain row values ("Duplicate entry 'x'"),
 * and the driver adds the whole statement; the number identifies the error.
 */
function withoutContent(error: unknown): Error {
  const number = serverNumber(error)
  if (number !== undefined) return new Error(`MariaDB error ${number}`)
  const code = driverCode(error)
  if (code !== undefined) return new Error(`driver error ${code}`)
  return new Error(error instanceof Error ? error.name : typeof error)
}
