// Group commit of decisions that need a transaction: the asks of one tick, and those that arrive
// while a transaction runs, are decided together in the next one.

interface Waiting<Ask, Decision> {
  readonly ask: Ask
  readonly resolve: (decision: Decision) => void
  readonly reject: (error: unknown) => void
}

/** Milliseconds after which the event loop gets a turn even though asks keep arriving. */
const TURN_MS = 2

export class GroupCommit<Ask, Decision> {
  readonly #most: number
  #waiting: Waiting<Ask, Decision>[] = []
  #isBusy = false
  #lastTurn = 0

  /** @param most asks of one transaction */
  constructor(most: number) {
    this.#most = most
  }

  /** @param decideAll runs one transaction, and answers each ask in order */
  decide(ask: Ask, decideAll: (asks: readonly Ask[]) => Promise<readonly Decision[]>): Promise<Decision> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ask, resolve, reject })
      if (this.#isBusy) return
      this.#isBusy = true
      this.#atEndOfTick(() => void this.#run(decideAll))
    })
  }

  async #run(decideAll: (asks: readonly Ask[]) => Promise<readonly Decision[]>): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.slice(0, this.#most)
      this.#waiting = this.#waiting.slice(group.length)
      try {
        const decisions = await decideAll(group.map(({ ask }) => ask))
        for (const [index, { resolve }] of group.entries()) resolve(decisions[index] as Decision)
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
      await new Promise<void>((next) => this.#atEndOfTick(next))
    }
    this.#isBusy = false
  }

  /**
   * After all callers that were resumed in this tick have made their next calls. The event loop
   * gets a turn every few milliseconds, as in the queue of writes.
   */
  #atEndOfTick(action: () => void): void {
    if (performance.now() - this.#lastTurn < TURN_MS) {
      queueMicrotask(() => process.nextTick(action))
      return
    }
    setImmediate(() => {
      this.#lastTurn = performance.now()
      action()
    })
  }
}
