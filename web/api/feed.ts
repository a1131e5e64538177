// The feed of changes, as server-sent events: it says which kinds of records have changed, and
// whether the connection is alive. After a break it continues where it was; if what happened
// meanwhile is not kept any more, everything counts as changed.

import { get } from './client.ts'
import { Problem } from './problem.ts'
import type { Commit } from './records.ts'

export type LiveState = 'connecting' | 'live' | 'lost' | 'signed-out'

export interface FeedListener {
  readonly onState: (state: LiveState) => void
  readonly onChanges: (commit: Commit) => void
  /** Changes may have been missed. */
  readonly onGap: () => void
}

/** Milliseconds between attempts, doubling up to the last. */
const FIRST_WAIT = 500
const LONGEST_WAIT = 10_000

/** @returns ends it */
export function followChanges(listener: FeedListener): () => void {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let wait = FIRST_WAIT
  let wasLive = false
  let position: string | undefined

  function connect(): void {
    const after = position === undefined ? '' : `?after=${encodeURIComponent(position)}`
    source = new EventSource(`/v1/changes${after}`)
    source.onopen = () => {
      wait = FIRST_WAIT
      // What was read before the connection was there may be older than it.
      if (wasLive) listener.onGap()
      wasLive = true
      listener.onState('live')
    }
    source.addEventListener('commit', hear)
    // What followed the position is not kept any more.
    source.addEventListener('gone', () => {
      position = undefined
    })
    source.onerror = () => {
      source?.close()
      listener.onState(wasLive ? 'lost' : 'connecting')
      timer = setTimeout(() => void retry(), wait)
      wait = Math.min(wait * 2, LONGEST_WAIT)
    }
  }

  function hear(event: MessageEvent<string>): void {
    position = event.lastEventId
    listener.onChanges(JSON.parse(event.data) as Commit)
  }

  /** An event source does not say why it failed; a request does. */
  async function retry(): Promise<void> {
    try {
      await get('/changes', { limit: 1, after: position })
    } catch (error) {
      const status = error instanceof Problem ? error.status : 0
      if (status === 401) return listener.onState('signed-out')
      // The position is not kept any more: continue from now on.
      if (status >= 400 && status < 500 && status !== 429) position = undefined
    }
    connect()
  }

  connect()
  return () => {
    source?.close()
    clearTimeout(timer)
  }
}
