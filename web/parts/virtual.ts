// Rows of a long list of which only those in sight are rendered: 10,000 stay smooth.

import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core'
import type { RefObject } from 'preact'
import { useEffect, useReducer, useState } from 'preact/hooks'

interface Rows {
  /** Of the element that scrolls. */
  readonly place: RefObject<HTMLElement>
  readonly count: number
  /** Pixels. */
  readonly height: number
}

/** @returns the rows to render, with their places, and the height of all of them */
export function useVirtualRows({ place, count, height }: Rows): {
  readonly rows: readonly VirtualItem[]
  readonly total: number
} {
  const [, render] = useReducer((turn: number) => turn + 1, 0)
  const options = {
    count,
    getScrollElement: () => place.current,
    estimateSize: () => height,
    overscan: 12,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => render(undefined),
  }
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options))
  virtualizer.setOptions(options)
  useEffect(() => virtualizer._didMount(), [virtualizer])
  useEffect(() => virtualizer._willUpdate())
  return { rows: virtualizer.getVirtualItems(), total: virtualizer.getTotalSize() }
}
