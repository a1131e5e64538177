// State in the address: filters and choices are parameters of its query, so that links, reloads
// and the back button keep them.

import { useCallback } from 'preact/hooks'
import { useSearchParams } from 'wouter-preact'

/** @returns the value, and a function that sets it; the fallback is not written down */
export function useParam(name: string, fallback = ''): [string, (value: string) => void] {
  const [params, setParams] = useSearchParams()
  const set = useCallback(
    (value: string) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before)
          if (value === fallback) after.delete(name)
          else after.set(name, value)
          return after
        },
        { replace: true },
      ),
    [name, fallback, setParams],
  )
  return [params.get(name) ?? fallback, set]
}
