// Compiles a statement once per shape. A key identifies the shape; the values are passed with each
// call and are slots in the compiled statement, so that a hot call neither builds nor compiles
// anything.

import { isDeepStrictEqual } from 'node:util'
import type { Kysely } from 'kysely'
import type { Engine, Query, Row, TableShape, WireValue } from '../../engines/contract/engine.ts'
import type { RowReader } from '../../engines/core/dependent-writes.ts'
import { rawSql, type SlotOf } from './raw-sql.ts'

export type { SlotOf } from './raw-sql.ts'

/** A placeholder for one value while a statement is built; Kysely treats it as a parameter. */
class Slot {
  readonly index: number
  constructor(index: number) {
    this.index = index
  }
}

interface Compiled {
  readonly sql: string
  readonly parameters: readonly (number | { readonly fixed: WireValue })[]
}

// biome-ignore lint/suspicious/noExplicitAny: tables are known to the record definitions, not to Kysely's types
export type Builder = Kysely<any>

/** The most shapes one cache keeps; the oldest are evicted first. */
const MAX_SHAPES = 500

type Build = (
  builder: Builder,
  slot: SlotOf,
) => { compile(): { sql: string; parameters: readonly unknown[] } }

export class StatementCache {
  /**
   * Compiles on every use and compares, so that one key for two statements is an error. For tests
   * only: it defeats the cache.
   */
  static checksKeys = false

  readonly #builder: Builder
  readonly #compiled = new Map<string, Compiled>()

  constructor(builder: Builder) {
    this.#builder = builder
  }

  /**
   * The query of a shape with these values.
   * @param build is called once per key; `slot(i)` is the placeholder of `values[i]`
   */
  query(key: string, values: readonly WireValue[], build: Build): Query {
    let compiled = this.#compiled.get(key)
    if (!compiled) {
      compiled = this.#compile(build)
      if (this.#compiled.size >= MAX_SHAPES) {
        const oldest = this.#compiled.keys().next()
        if (!oldest.done) this.#compiled.delete(oldest.value)
      }
      this.#compiled.set(key, compiled)
    } else if (StatementCache.checksKeys) {
      assertSame(key, compiled, this.#compile(build))
    }
    return {
      sql: compiled.sql,
      parameters: compiled.parameters.map((part) =>
        typeof part === 'number' ? (values[part] as WireValue) : part.fixed,
      ),
    }
  }

  #compile(build: Build): Compiled {
    const { sql, parameters } = build(this.#builder, (index) => new Slot(index)).compile()
    return {
      sql,
      parameters: parameters.map((value) =>
        value instanceof Slot ? value.index : { fixed: value as WireValue },
      ),
    }
  }

  /** Whole rows by their keys, in no particular order. */
  rowsByKey(shape: TableShape, keys: readonly WireValue[]): Query {
    return this.query(`${shape.table} get ${shape.columns.join()} ${keys.length}`, keys, (builder, slot) =>
      builder
        .selectFrom(shape.table)
        .select([...shape.columns])
        .where(
          shape.key,
          'in',
          keys.map((_, index) => slot(index)),
        ),
    )
  }

  /** A handwritten query, with `?` for its values; it must be SQL that every engine understands. */
  raw(key: string, text: string, values: readonly WireValue[]): Query {
    return this.query(key, values, (builder, slot) => ({
      compile: () => rawSql({ sql: text, parameters: values })(slot).compile(builder),
    }))
  }
}

/** @throws TypeError if a key was used for two statements */
function assertSame(key: string, cached: Compiled, compiled: Compiled): void {
  if (isDeepStrictEqual(cached, compiled)) return
  throw new TypeError(`two statements have the key "${key}": ${cached.sql} and ${compiled.sql}`)
}

/** Reads rows by their keys in the way that is best for the engine. */
export function rowReader(
  { engine, statements }: { readonly engine: Engine; readonly statements: StatementCache },
  read: (query: Query) => Promise<readonly Row[]>,
): RowReader {
  return (shape, keys) => read(engine.rowsByKey?.(shape, keys) ?? statements.rowsByKey(shape, padded(keys)))
}

/** Lengths to which lists of values are padded, so that few shapes serve lists of any length. */
export function paddedLength(length: number): number {
  return length <= 1 ? 1 : 2 ** Math.ceil(Math.log2(length))
}

/** The list, padded with its last value, which does not change the result of IN. */
export function padded<T>(values: readonly T[]): readonly T[] {
  const missing = paddedLength(values.length) - values.length
  return missing <= 0 ? values : [...values, ...Array<T>(missing).fill(values.at(-1) as T)]
}
