// The feed of changes over HTTP: pages of it, and as it happens by server-sent events. A lost
// connection is made again from the last position, so nothing is missed and nothing comes twice.

import type { CommittedChanges } from '../changes/change.ts'
import type { Changes, ChangesRead, FollowChangesOptions, ReadChangesOptions } from '../changes/changes.ts'
import {
  ChangesGoneError,
  InvalidRecordError,
  PersistenceConnectionError,
  PersistenceError,
} from '../errors.ts'
import { EventReader, type ServerEvent } from './event-stream.ts'
import { failureOf, RequestFailedError } from './failure.ts'
import type { Settings } from './options.ts'
import { callOf } from './request.ts'
import { revive } from './revive.ts'
import { readRoute } from './route.ts'
import { requestOf, send, unlessAborted, wait } from './send.ts'

export type ChangesByHttp = Pick<Changes, 'head' | 'read' | 'follow'>

const read = readRoute('read', 'GET /changes options:after,limit,records texts > object items.at')
const follow = readRoute('follow', 'GET /changes options:records,signal! texts > object at')
const head = readRoute('head', 'GET /changes/head > object')

/** Milliseconds of silence after which a connection is lost: a server is silent for 15 s. */
const SILENCE = 45_000
/** Milliseconds before a lost connection is made again: the first time, and at most. */
const FIRST_PAUSE = 250
const LONGEST_PAUSE = 10_000

export function changesBy(settings: Settings): ChangesByHttp {
  const ask = async (route: typeof read, given: readonly unknown[]) => {
    const { signals: _, ...asked } = callOf(route, given)
    return revive(JSON.parse((await send(settings, asked)).text), route.places)
  }
  return Object.freeze({
    head: async () => ((await ask(head, [])) as { readonly position: string }).position,
    read: async (options?: ReadChangesOptions) => (await ask(read, [withList(options)])) as ChangesRead,
    follow: ({ after, ...options }: FollowChangesOptions = {}) => {
      const { path, signals } = callOf(follow, [withList(options)])
      const start =
        after === undefined ? ask(head, []).then(({ position }) => String(position)) : Promise.resolve(after)
      // It fails in the loop; a loop that is never begun reports nothing.
      start.catch(() => undefined)
      return followFrom({ ...settings, signals: [...settings.signals, ...signals] }, path, start)
    },
  })
}

/** A text would be read as a list of one, and an empty list as none at all. */
function withList<T extends Pick<ReadChangesOptions, 'records'>>(options: T | undefined): T | undefined {
  const records: unknown = options?.records
  if (records === undefined || (Array.isArray(records) && records.length > 0)) return options
  throw new InvalidRecordError('changes', [
    { path: ['records'], code: 'type', message: 'must be a list of kinds of records, not an empty one' },
  ])
}

async function* followFrom(
  settings: Settings,
  path: string,
  start: Promise<string>,
): AsyncGenerator<CommittedChanges, void, undefined> {
  const isOver = () => settings.signals.some(({ aborted }) => aborted)
  let position = await start
  let pause = FIRST_PAUSE
  while (!isOver()) {
    try {
      for await (const { id, event, data, retry } of eventsOf(settings, path, position)) {
        if (isOver()) return
        if (event === 'gone') throw new ChangesGoneError()
        if (event !== undefined) pause = retry ?? FIRST_PAUSE
        if (event === 'commit' && id !== undefined) {
          position = id
          yield { position, ...revive(JSON.parse(data), follow.places) }
        }
      }
    } catch (error) {
      if (isOver()) return
      if (!mayComeBack(error)) throw error
    }
    try {
      await wait(pause * (0.5 + Math.random() / 2), settings.signals)
    } catch {
      return
    }
    pause = Math.min(pause * 2, LONGEST_PAUSE)
  }
}

/** Whether following on later can succeed. */
function mayComeBack(error: unknown): boolean {
  const isKnown = error instanceof PersistenceError || error instanceof RequestFailedError
  return isKnown && error.retryable
}

/** The events of one connection, until it ends. */
async function* eventsOf(settings: Settings, path: string, position: string): AsyncGenerator<ServerEvent> {
  const lost = new AbortController()
  const asked = {
    method: 'GET',
    path,
    headers: { accept: 'text/event-stream', 'last-event-id': position },
    isRepeatable: true,
  }
  const request = await requestOf(settings, asked, lost.signal)
  const response = await alive(settings.fetch(request), lost, request.signal)
  if (!response.ok) throw failureOf(response.status, await response.text())
  const reader = response.body?.getReader()
  if (reader === undefined) return
  const decoder = new TextDecoder()
  const events = new EventReader()
  try {
    for (;;) {
      const { done, value } = await alive(reader.read(), lost, request.signal)
      if (done) return
      yield* events.add(decoder.decode(value, { stream: true }))
    }
  } finally {
    lost.abort()
    reader.cancel().catch(() => undefined)
  }
}

/** @throws PersistenceConnectionError if nothing came for longer than a server is silent */
async function alive<T>(awaited: Promise<T>, lost: AbortController, signal: AbortSignal): Promise<T> {
  const timer = setTimeout(() => lost.abort(), SILENCE)
  try {
    return await unlessAborted(awaited, signal)
  } catch (cause) {
    throw new PersistenceConnectionError('the connection to the server was lost', { cause })
  } finally {
    clearTimeout(timer)
  }
}
