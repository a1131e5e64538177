// Times: how long ago, kept up to date, with the absolute time on hover and for screen readers.

import { useEffect, useState } from 'preact/hooks'

const listeners = new Set<() => void>()
let ticking: ReturnType<typeof setInterval> | undefined

/** The present in milliseconds; renders again every second while something shows it. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const tick = () => setNow(Date.now())
    listeners.add(tick)
    ticking ??= setInterval(() => {
      for (const listener of listeners) listener()
    }, 1000)
    return () => {
      listeners.delete(tick)
      if (listeners.size > 0) return
      clearInterval(ticking)
      ticking = undefined
    }
  }, [])
  return now
}

export const viewerZone = Intl.DateTimeFormat().resolvedOptions().timeZone

const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const dayAndMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const withYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

export function absoluteTime(at: string): string {
  return `${absolute.format(new Date(at))} (${viewerZone})`
}

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

/** `just now`, `5 min ago`, `in 3 h`, `12 Mar`. */
export function relativeTime(at: string, now: number): string {
  const seconds = Math.round((new Date(at).getTime() - now) / 1000)
  const distance = Math.abs(seconds)
  if (distance < 10) return seconds > 2 ? `in ${seconds} s` : 'just now'
  if (distance >= 7 * DAY) {
    const year = new Date(at).getFullYear() === new Date(now).getFullYear()
    return (year ? dayAndMonth : withYear).format(new Date(at))
  }
  const text = duration(distance)
  return seconds < 0 ? `${text} ago` : `in ${text}`
}

/** One unit of a length in seconds: `40 s`, `12 min`, `5 h`, `3 d`. */
export function duration(seconds: number): string {
  if (seconds < MINUTE) return `${Math.round(seconds)} s`
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h`
  return `${Math.floor(seconds / DAY)} d`
}

/** @param at ISO 8601; a record may have none */
export function Time({ at, none = '–' }: { readonly at: string | null | undefined; readonly none?: string }) {
  const now = useNow()
  if (!at) return <span class="muted">{none}</span>
  return (
    <time dateTime={at} title={absoluteTime(at)}>
      {relativeTime(at, now)}
    </time>
  )
}
