// Finds calls on a transaction that its callback did not await. A call that has settled before the
// callback ends counts too: stored or refused, its outcome would otherwise be lost unnoticed. So a
// count of calls that have not settled is not enough; whether one is awaited must be seen as well.

/**
 * The promise of one call, which notices when a caller waits for it. `await` and `Promise.all` call
 * `then` on a promise only where it is not a plain one, hence the subclass.
 */
class WatchedCall<T> extends Promise<T> {
  #noteAwaited: (() => void) | undefined

  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  constructor(result: Promise<T>, noteAwaited: () => void) {
    super((resolve, reject) => void result.then(resolve, reject))
    this.#noteAwaited = noteAwaited
    // The failure of a forgotten call is no unhandled rejection: the transaction fails instead.
    super.then(undefined, () => undefined)
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise; noticing who waits is the point
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#noteAwaited?.()
    this.#noteAwaited = undefined
    return super.then(onFulfilled, onRejected)
  }
}

export class UnsettledCalls {
  readonly #unsettled = new Set<Promise<unknown>>()
  #unawaited = 0

  /** Whether a call has not settled, or was not awaited. */
  get some(): boolean {
    return this.#unawaited > 0 || this.#unsettled.size > 0
  }

  /** Resolves once every call has settled; never rejects. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#unsettled)
  }

  /** @returns the call as its caller has to get it */
  watch<T>(result: Promise<T>): Promise<T> {
    const settle = () => this.#unsettled.delete(result)
    this.#unsettled.add(result)
    this.#unawaited += 1
    result.then(settle, settle)
    return new WatchedCall(result, () => {
      this.#unawaited -= 1
    })
  }
}
