// Times as people type them: instants, dates, months, years, ages, and words such as yesterday.
// Days begin at midnight in UTC, as in reports.

import { DAY, MAX_INSTANT, MIN_INSTANT, parseAge, parseInstant } from '../../values/instant.ts'

/** What a person may type for a time. */
export const TIME_FORMS =
  'a time with offset (2026-01-31T09:30:00Z), a date or month (2026-01-31, 2026-01, in UTC), an age (30m, 24h, 7d, 2w, 3M, 1y) or words (yesterday, 3 days ago, last month)'

/** What a person may type for a time that lies ahead. */
export const TIME_FORMS_AHEAD =
  'a time with offset (2026-01-31T09:30:00Z), a date or month (2026-01-31, 2026-01, in UTC), how long from now (30m, 24h, 7d, 2w, 3M, 1y) or words (tomorrow, in 3 days, next month), and lie ahead'

type Read = (text: string, now: Date) => number

/** Parses any of `TIME_FORMS`; undefined if the text is none of them. */
export function readTime(text: string, now: Date): Date | undefined {
  return firstOf([readInstant, readCalendar, readAge, readWords], text, now)
}

/** Parses any of `TIME_FORMS_AHEAD`; undefined if the text is none of them. It may be past. */
export function readTimeAhead(text: string, now: Date): Date | undefined {
  return firstOf([readInstant, readCalendar, readDistance, readWordsAhead], text, now)
}

function firstOf(forms: readonly Read[], text: string, now: Date): Date | undefined {
  const typed = text.trim()
  for (const read of forms) {
    const time = read(typed, now)
    if (time >= MIN_INSTANT && time <= MAX_INSTANT) return new Date(time)
  }
  return undefined
}

function readInstant(text: string): number {
  return parseInstant(text)
}

const calendar = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/

/** The beginning of a day, a month or a year. */
function readCalendar(text: string): number {
  const [, year, month = '01', day = '01'] = calendar.exec(text) ?? []
  return parseInstant(`${year}-${month}-${day}T00:00:00Z`)
}

/** `3M` is three calendar months; in lower case it is minutes. */
const age = /^(\d{1,6})\s*([a-z]+)(?:\s+ago)?$/i
const distance = /^(?:in\s+)?(\d{1,6})\s*([a-z]+)$/i
const spelled: Readonly<Record<string, string>> = {
  ...{ min: 'm', mins: 'm', minute: 'm', minutes: 'm', hour: 'h', hours: 'h', hr: 'h', hrs: 'h' },
  ...{ day: 'd', days: 'd', week: 'w', weeks: 'w', year: 'y', years: 'y', yr: 'y', yrs: 'y' },
  ...{ month: 'M', months: 'M', mo: 'M', mon: 'M' },
}

function readAge(text: string, now: Date): number {
  return away(age.exec(text), now, -1)
}

/** `1h` and `in 1 hour`. */
function readDistance(text: string, now: Date): number {
  return away(distance.exec(text), now, 1)
}

function away(typed: RegExpExecArray | null, now: Date, direction: 1 | -1): number {
  const [, count, word = ''] = typed ?? []
  if (count === undefined) return Number.NaN
  const unit = word === 'M' ? word : (spelled[word.toLowerCase()] ?? word.toLowerCase())
  if (unit === 'M') return monthsBefore(now, -direction * Number(count))
  return now.getTime() + direction * parseAge(`${count}${unit}`)
}

/** The same day of an earlier month, or of a later one; its last day if it has fewer. */
function monthsBefore(now: Date, months: number): number {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth() - months]
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return Date.UTC(year, month, Math.min(now.getUTCDate(), lastDay)) + (now.getTime() - beginningOfDay(now))
}

function readWords(text: string, now: Date): number {
  const today = beginningOfDay(now)
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()]
  // Weeks begin on Monday.
  const week = today - ((now.getUTCDay() + 6) % 7) * DAY
  const words: Readonly<Record<string, number>> = {
    now: now.getTime(),
    today,
    yesterday: today - DAY,
    'this week': week,
    'last week': week - 7 * DAY,
    'this month': Date.UTC(year, month, 1),
    'last month': Date.UTC(year, month - 1, 1),
    'this year': Date.UTC(year, 0, 1),
    'last year': Date.UTC(year - 1, 0, 1),
  }
  return wordAmong(words, text)
}

function readWordsAhead(text: string, now: Date): number {
  const today = beginningOfDay(now)
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()]
  return wordAmong(
    {
      tomorrow: today + DAY,
      'next week': today + (7 - ((now.getUTCDay() + 6) % 7)) * DAY,
      'next month': Date.UTC(year, month + 1, 1),
      'next year': Date.UTC(year + 1, 0, 1),
    },
    text,
  )
}

function wordAmong(words: Readonly<Record<string, number>>, text: string): number {
  const word = text.toLowerCase().replaceAll(/[\s_-]+/g, ' ')
  return Object.hasOwn(words, word) ? (words[word] ?? Number.NaN) : Number.NaN
}

function beginningOfDay(now: Date): number {
  return Math.floor(now.getTime() / DAY) * DAY
}
