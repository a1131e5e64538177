// Whether a store has active budgets at all: without any, an append reads nothing of them. Asked
// again after a moment, because other programs create budgets too.

import type { Engine } from '../../engines/contract/engine.ts'
import type { RecordSession } from '../repository/session.ts'

/** Milliseconds for which an answer is kept. */
const PRESENT_FOR = 250

export class BudgetPresence {
  static readonly #known = new WeakMap<Engine, BudgetPresence>()

  static of({ engine }: Pick<RecordSession, 'engine'>): BudgetPresence {
    const known = BudgetPresence.#known.get(engine) ?? new BudgetPresence()
    BudgetPresence.#known.set(engine, known)
    return known
  }

  #answer: Promise<boolean> | undefined
  #askedAt = 0

  /** A budget was created, or made active, by this store. */
  note(): void {
    this.#answer = Promise.resolve(true)
    this.#askedAt = performance.now()
  }

  /** @throws what reading throws; the next call asks again */
  ask({ engine, statements, read }: RecordSession): Promise<boolean> {
    if (this.#answer && performance.now() - this.#askedAt < PRESENT_FOR) return this.#answer
    const sql = 'select 1 from budgets where active = ? limit 1'
    const query = statements.raw(sql, sql, [engine.codec.encode.boolean(true)])
    this.#askedAt = performance.now()
    this.#answer = read(query).then((rows) => rows.length > 0)
    this.#answer.catch(() => {
      this.#answer = undefined
    })
    return this.#answer
  }
}
