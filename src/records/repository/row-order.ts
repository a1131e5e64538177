// The order of a list over rows: its columns, the position of a row in it, and the rows beyond one.

import type { Row } from '../../engines/contract/engine.ts'
import type { RecordDefinition } from '../model/define-record.ts'
import { type CursorPosition, checkOrder, type OrderRequest } from './page.ts'
import type { SlotOf } from './statements.ts'

export class RowOrder {
  readonly columns: readonly string[]
  readonly #indexes: readonly number[]
  readonly #direction: 'asc' | 'desc'

  constructor({ order, shape, columnOf }: Pick<RecordDefinition, 'order' | 'shape' | 'columnOf'>) {
    this.columns = order.fields.map((field) => columnOf(field).name)
    this.#indexes = this.columns.map((column) => shape.columns.indexOf(column))
    this.#direction = order.direction
  }

  /** True if the request asks for the opposite of the record's order. */
  isReverse({ order }: OrderRequest): boolean {
    return (checkOrder(order) ?? this.#direction) !== this.#direction
  }

  direction(reverse: boolean): 'asc' | 'desc' {
    return (this.#direction === 'asc') === reverse ? 'desc' : 'asc'
  }

  /** The position of a whole row. */
  positionOf(row: Row): CursorPosition {
    return this.#indexes.map((index) => row[index] ?? null)
  }

  /**
   * The rows after a position: a row comparison if the engine can seek by one, else the equivalent
   * disjunction.
   * @param first the slot of the position's first value
   */
  beyond(slot: SlotOf, first: number, reverse: boolean, rowValueSeek: boolean) {
    const operator = this.direction(reverse) === 'desc' ? '<' : '>'
    const [major, key] = this.columns as [string, string]
    // biome-ignore lint/suspicious/noExplicitAny: columns are known to the definition, not to Kysely's types
    return (eb: any) =>
      rowValueSeek
        ? eb(eb.refTuple(major, key), operator, eb.tuple(slot(first), slot(first + 1)))
        : eb.or([
            eb(major, operator, slot(first)),
            eb.and([eb(major, '=', slot(first)), eb(key, operator, slot(first + 1))]),
          ])
  }
}
