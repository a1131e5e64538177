// The end of a list that has more pages: reads the next one when it is scrolled to, or pressed.

import { useEffect, useRef } from 'preact/hooks'

interface MoreProps {
  readonly list: {
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    readonly fetchNextPage: () => unknown
  }
}

export function More({ list }: MoreProps) {
  const end = useRef<HTMLDivElement>(null)
  const { hasNextPage, isFetchingNextPage } = list
  const next = useRef(list.fetchNextPage)
  next.current = list.fetchNextPage
  useEffect(() => {
    if (!end.current || !hasNextPage || isFetchingNextPage) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && next.current(), {
      rootMargin: '400px',
    })
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [hasNextPage, isFetchingNextPage])
  if (!hasNextPage) return null
  return (
    <div ref={end} class="empty">
      <button type="button" disabled={isFetchingNextPage} onClick={() => list.fetchNextPage()}>
        {isFetchingNextPage ? 'Reading…' : 'Show more'}
      </button>
    </div>
  )
}
