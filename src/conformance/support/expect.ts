// Assertions shared by several subjects, on node:assert, so that the cases run under any test
// runner.

import assert from 'node:assert/strict'
import { type ErrorCode, errorCodes, PersistenceError } from '../../errors.ts'

// biome-ignore lint/suspicious/noExplicitAny: the parameters of any error's constructor
type ErrorClass<E extends PersistenceError> = abstract new (...args: any[]) => E

/**
 * The error that a call rejects with (or throws synchronously), which must be of this class;
 * anything else fails the case.
 */
export async function rejection<E extends PersistenceError>(
  errorClass: ErrorClass<E>,
  call: () => unknown,
  about = '',
): Promise<E> {
  const error = await outcome(call)
  if (error instanceof errorClass) {
    assert.equal(error.name, errorClass.name)
    assert.ok(Object.hasOwn(errorCodes, error.code), `${error.code} is none of the codes`)
    return error
  }
  const got = error instanceof Error ? `${error.name}: ${error.message}` : 'no error'
  throw new assert.AssertionError({ message: `${about} expected ${errorClass.name}, got ${got}`.trim() })
}

/** What a call throws or rejects with; undefined if it does neither. */
export async function outcome(call: () => unknown): Promise<unknown> {
  try {
    await call()
    return undefined
  } catch (error) {
    return error ?? new Error('something empty was thrown')
  }
}

/** The codes of settled calls, with `stored` for those that succeeded. */
export function codesOf(
  results: readonly PromiseSettledResult<unknown>[],
): readonly (ErrorCode | 'stored')[] {
  return results.map((result) => {
    if (result.status === 'fulfilled') return 'stored'
    assert.ok(result.reason instanceof PersistenceError, `a driver's error leaked: ${String(result.reason)}`)
    return result.reason.code
  })
}

/** How often each value occurs. */
export function tally(values: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

/** The first item, which must exist. */
export function only<T>(items: readonly T[]): T {
  assert.equal(items.length, 1)
  return items[0] as T
}

/** The ids, in order. */
export function idsOf(items: readonly { readonly id: string }[]): readonly string[] {
  return items.map((item) => item.id)
}

/** Everything that an iterable yields, until it ends. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

/** A promise with its resolver: cases wait for events, never for time. */
export interface Signal {
  readonly reached: Promise<void>
  fire(): void
}

/** A promise that is resolved from outside. */
export function signal(): Signal {
  let fire: () => void = () => undefined
  const reached = new Promise<void>((resolve) => {
    fire = resolve
  })
  return { reached, fire }
}

/** One turn of the event loop: everything that was called has started. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
