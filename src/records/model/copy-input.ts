// Copies what callers pass, before anything is awaited: later changes to their objects do not
// affect what is stored, and none of their code runs later. Lists, plain objects, dates and bytes
// are copied; everything else is passed through for the rules to refuse.

import { isProxy, isUint8Array } from 'node:util/types'
import { InvalidRecordError, type Issue } from '../../errors.ts'
import { MAX_BYTES } from './rules.ts'

/**
 * Deeper than any valid input: what is below is left to the rules, which refuse it without reading
 * it.
 */
const MAX_DEPTH = 80
/** More values than any valid input holds: its JSON would exceed the size of a field. */
const MAX_VALUES = 4_000_000
/** The most items of one call: they are copied, checked and stored together. */
const MAX_INPUTS = 1_000_000

/** @throws InvalidRecordError for input that is cyclic or endless, or throws when read */
export function copyInput<T>(input: T, subject: string): T {
  if (isValue(input)) return input
  const copier = new Copier(subject)
  try {
    return copier.copy(input, 0) as T
  } catch (error) {
    throw error === copier.fault
      ? error
      : fault(subject, 'unreadable_input', 'cannot be read: reading it throws')
  }
}

/**
 * Each of several inputs may be as large as a single one.
 * @param accepts the check of each item; the first one refused ends the call before the others are
 * read
 */
export function copyInputs(
  inputs: unknown,
  subject: string,
  accepts: { readonly test: (input: unknown) => boolean; readonly message: string },
): readonly unknown[] {
  try {
    if (!Array.isArray(inputs)) throw fault(subject, 'type', 'must be a list')
    if (inputs.length > MAX_INPUTS) throw fault(subject, 'too_long', `must hold at most ${MAX_INPUTS} items`)
    return Array.from({ length: inputs.length }, (_, index) => {
      const input: unknown = inputs[index]
      if (accepts.test(input)) return copyInput(input, subject)
      throw fault(subject, 'type', accepts.message, [index])
    })
  } catch (error) {
    if (error instanceof InvalidRecordError) throw error
    throw fault(subject, 'unreadable_input', 'cannot be read: reading it throws')
  }
}

/** No value that could read differently the next time. */
function isValue(input: unknown): boolean {
  return (typeof input !== 'object' && typeof input !== 'function') || input === null
}

class Copier {
  readonly #subject: string
  /** The objects that enclose the current value. */
  readonly #around = new Set<object>()
  #values = 0
  /** An error that this copier threw itself. */
  fault: InvalidRecordError | undefined

  constructor(subject: string) {
    this.#subject = subject
  }

  copy(value: unknown, depth: number): unknown {
    this.#values += 1
    if (this.#values > MAX_VALUES) throw this.#refuse('too_long', `must hold at most ${MAX_VALUES} values`)
    // JSON has no -0: return what will be read back.
    if (value === 0) return 0
    if (isValue(value) || depth > MAX_DEPTH) return value
    // Throws for a revoked proxy, also of a function: no operation on it succeeds.
    const isList = Array.isArray(value)
    if (typeof value !== 'object' || value === null) return value
    if (value instanceof Date) return new Date(Date.prototype.getTime.call(value))
    if (isList && value.length > MAX_VALUES) {
      throw this.#refuse('too_long', `must hold at most ${MAX_VALUES} values`)
    }
    // A Buffer becomes a plain array: what will be read back. More than a field holds is refused
    // as it is.
    if (isUint8Array(value)) return value.byteLength > MAX_BYTES ? value : new Uint8Array(value)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (!isList && prototype !== Object.prototype && prototype !== null) {
      // A proxy can answer differently each time, so no check of it holds.
      if (isProxy(value)) throw this.#refuse('unreadable_input', 'must be plain data, and is a proxy')
      return value
    }
    if (this.#around.has(value)) throw this.#refuse('cyclic', 'must not refer to itself')
    this.#around.add(value)
    const copied = isList
      ? Array.from({ length: value.length }, (_, index) => this.copy(value[index], depth + 1))
      : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.copy(item, depth + 1)]))
    this.#around.delete(value)
    return copied
  }

  #refuse(code: string, message: string): InvalidRecordError {
    this.fault = fault(this.#subject, code, message)
    return this.fault
  }
}

function fault(subject: string, code: string, message: string, path: Issue['path'] = []): InvalidRecordError {
  return new InvalidRecordError(subject, [{ path, code, message }])
}
