// The feed of changes as server-sent events: an event for each commit, its position as the event's
// id, so that a browser that lost its connection resumes where it was.

import type { CommittedChanges } from '../../changes/change.ts'
import type { FollowChangesOptions } from '../../changes/changes.ts'
import { ChangesGoneError } from '../../errors.ts'
import type { Store } from '../../store/store.ts'

/** Milliseconds between two signs of life: proxies end connections that are silent for longer. */
const PULSE = 15_000
/** Milliseconds after which a browser connects again. */
const RETRY = 1000
/** Milliseconds over which readers come back after the server ended their streams. */
const SPREAD = 4000
/** Characters that wait for a slow reader before the feed waits for it. */
const BUFFER = 262_144

const text = new TextEncoder()

/** The open streams of a server. One timer keeps all of them alive. */
export class EventStreams {
  readonly #open = new Map<ReadableStreamDefaultController<Uint8Array>, AbortController>()
  #pulse: NodeJS.Timeout | undefined

  get count(): number {
    return this.#open.size
  }

  /**
   * A stream of what is committed after a position.
   * @param after a position that the store has checked
   * @param options `records`: only changes of these kinds; `isGone`: the reader asked for what is
   * no longer kept, and hears that first
   */
  open(
    store: Store,
    after: string,
    { records, isGone }: Pick<FollowChangesOptions, 'records'> & { readonly isGone: boolean },
  ): ReadableStream<Uint8Array> {
    const ending = new AbortController()
    let room: (() => void) | undefined
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#add(controller, ending)
          controller.enqueue(
            text.encode(`retry: ${RETRY}\nid: ${after}\nevent: ${isGone ? 'gone' : 'ready'}\ndata: {}\n\n`),
          )
          const commits = store.changes.follow({ after, records, signal: ending.signal })
          void this.#send(controller, commits, () => {
            const { promise, resolve } = Promise.withResolvers<void>()
            room = resolve
            ending.signal.addEventListener('abort', () => resolve(), { once: true })
            return promise
          })
        },
        pull: () => room?.(),
        cancel: () => ending.abort(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: BUFFER }),
    )
  }

  /** Ends every stream; readers come back after the time that they were given. */
  close(): void {
    for (const [controller, ending] of this.#open) {
      // Not all at the same moment: what comes after this server has to bear them.
      const hint = `retry: ${RETRY + Math.floor(Math.random() * SPREAD)}\n\n`
      tryTo(() => controller.enqueue(text.encode(hint)))
      ending.abort()
    }
  }

  async #send(
    controller: ReadableStreamDefaultController<Uint8Array>,
    commits: AsyncIterable<CommittedChanges>,
    roomAgain: () => Promise<void>,
  ): Promise<void> {
    try {
      for await (const { position, ...commit } of commits) {
        controller.enqueue(text.encode(`id: ${position}\nevent: commit\ndata: ${JSON.stringify(commit)}\n\n`))
        if ((controller.desiredSize ?? 0) <= 0) await roomAgain()
      }
    } catch (error) {
      const name = error instanceof ChangesGoneError ? 'gone' : 'failed'
      tryTo(() => controller.enqueue(text.encode(`event: ${name}\ndata: {}\n\n`)))
    } finally {
      this.#remove(controller)
      tryTo(() => controller.close())
    }
  }

  #add(controller: ReadableStreamDefaultController<Uint8Array>, ending: AbortController): void {
    this.#open.set(controller, ending)
    this.#pulse ??= setInterval(() => this.#beat(), PULSE).unref()
  }

  #remove(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#open.delete(controller)
    if (this.#open.size > 0) return
    clearInterval(this.#pulse)
    this.#pulse = undefined
  }

  #beat(): void {
    const comment = text.encode(': alive\n\n')
    for (const controller of this.#open.keys()) {
      // A reader that does not read gets no more of them.
      if ((controller.desiredSize ?? 0) > 0) tryTo(() => controller.enqueue(comment))
    }
  }
}

/** A stream that its reader has left refuses everything. */
function tryTo(write: () => void): void {
  try {
    write()
  } catch {
    // The reader is gone.
  }
}
