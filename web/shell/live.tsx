// The connection to the feed of changes: starts it, shows its state, and has what is shown read
// again when records change.

import { useEffect, useState } from 'preact/hooks'
import { onSignedOut } from '../api/client.ts'
import { followChanges, type LiveState } from '../api/feed.ts'
import { queries, readAgain, readEverythingAgain } from '../api/queries.ts'

export function useLive(): [state: LiveState, reconnect: () => void] {
  const [state, setState] = useState<LiveState>('connecting')
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    const stop = followChanges({ onState: setState, onChanges: readAgain, onGap: readEverythingAgain })
    onSignedOut(() => {
      stop()
      setState('signed-out')
    })
    return stop
  }, [attempt])
  const reconnect = () => {
    setState('connecting')
    setAttempt((count) => count + 1)
    void queries.refetchQueries()
  }
  return [state, reconnect]
}

const words: Readonly<Record<LiveState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost, trying again',
  'signed-out': 'Signed out',
}

export function LiveSign({ state }: { readonly state: LiveState }) {
  return (
    <div class="live" data-state={state} role="status" title={words[state]}>
      <i aria-hidden="true" />
      <span>{words[state]}</span>
    </div>
  )
}
