// Why a server could not be reached, in the same words for every engine. No write was in progress
// yet, so the messages say nothing about writes.

import { PersistenceConnectionError, type PersistenceError } from '../../errors.ts'
import type { ServerHost } from './url.ts'

interface Reason {
  readonly message: (host: ServerHost) => string
  readonly retryable: boolean
}

const correct = 'correct host and port in the URL of the store'

/** By system error code (https://nodejs.org/api/errors.html#common-system-errors). */
const reasons: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: {
    message: (host) =>
      isSocket(host)
        ? `nothing answers on the socket ${placeOf(host)}; start the server, or correct the URL of the store`
        : `nothing answers on ${placeOf(host)}; start the server, or ${correct}`,
    retryable: true,
  },
  ENOENT: {
    message: (host) =>
      `there is no socket of a server at ${placeOf(host)}; start the server, or correct the URL of the store`,
    retryable: true,
  },
  EACCES: { message: (host) => `this user may not use the socket ${placeOf(host)}`, retryable: false },
  ENOTFOUND: { message: ({ host }) => `there is no host of the name ${host}; ${correct}`, retryable: false },
  EAI_AGAIN: {
    message: ({ host }) => `the name of the host ${host} could not be looked up; try again`,
    retryable: true,
  },
  EHOSTUNREACH: { message: noWay, retryable: true },
  ENETUNREACH: { message: noWay, retryable: true },
  ETIMEDOUT: { message: (host) => `${placeOf(host)} did not answer in time; ${correct}`, retryable: true },
  ECONNRESET: { message: cutOff, retryable: true },
  EPIPE: { message: cutOff, retryable: true },
}

function noWay(host: ServerHost): string {
  return `there is no way from here to ${placeOf(host)}; check the network, or ${correct}`
}

function cutOff(host: ServerHost): string {
  return `${placeOf(host)} ended the connection while it was being opened; is it a database server of this kind?`
}

/**
 * The error for a server that cannot be reached; undefined for a code that says nothing about that.
 */
export function unreachable(
  code: string | undefined,
  host: ServerHost,
  cause: unknown,
): PersistenceConnectionError | undefined {
  const reason = code === undefined || !Object.hasOwn(reasons, code) ? undefined : reasons[code]
  return (
    reason && new PersistenceConnectionError(reason.message(host), { cause, retryable: reason.retryable })
  )
}

/** The connection ended before it could be used, without a reason. */
export function endedWhileOpened(host: ServerHost, cause: unknown): PersistenceConnectionError {
  return new PersistenceConnectionError(cutOff(host), { cause })
}

export interface HostFailure {
  readonly host: ServerHost
  readonly error: PersistenceError
}

/** The error if none of several hosts can be used; gives the reason for each. */
export function noHostUsable(location: string, failures: readonly HostFailure[]): PersistenceConnectionError {
  const all = failures.map(({ host, error: { message } }) =>
    message.includes(placeOf(host)) ? message : `${placeOf(host)}: ${message}`,
  )
  return new PersistenceConnectionError(`no host of ${location} can be used (${all.join('; ')})`, {
    cause: failures[0]?.error,
    retryable: failures.some(({ error }) => error.retryable),
  })
}

function isSocket({ host }: ServerHost): boolean {
  return host.startsWith('/')
}

/** `host:port`, or the path of a socket. */
export function placeOf(where: ServerHost): string {
  if (isSocket(where)) return where.host
  return where.host.includes(':') ? `[${where.host}]:${where.port}` : `${where.host}:${where.port}`
}
