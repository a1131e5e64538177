// Where rounds are played: fresh places of each engine, with nothing in them, with an organisation
// of some age, or with the tables of an earlier version, and who looks at such a place that is not
// Purser.

import { spawn, spawnSync } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { inThePast } from '../../../src/conformance/store/clock.ts'
import { DAY, daysAgo, oldCosts } from '../../../src/conformance/support/retention-samples.ts'
import {
  newAction,
  newEntry,
  newMessage,
  newPlan,
  newProfile,
  newTask,
} from '../../../src/conformance/support/samples.ts'
import { createBackend, importRecords, openStore, type Store } from '../../../src/index.ts'
import { startChild } from '../child-process.ts'
import { MigratedPlaces } from '../engines/migrated-places.ts'
import type { ServerPlaces } from '../engines/server-places.ts'
import { makeAncestor } from '../legacy.ts'
import { scratchFile } from '../scratch.ts'
import { exportText, streamOf } from '../transfer/files.ts'

const ANCESTOR = { operations: { tasks: 60, costs: 200, messages: 200 }, plans: 60 } as const

export interface Ground {
  readonly name: string
  readonly isFile: boolean
  /** At this build's version, without a row. */
  empty(): Promise<string>
  /** Not even a table. */
  bare(): Promise<string>
  /** The tables and rows of the ancestors. */
  ancestor(): Promise<string>
  /** Starts somebody who looks at the place with another program. @returns ends it */
  stranger(url: string, seed: number): () => void
}

const PYTHON = `
import random, sqlite3, sys, time
random.seed(int(sys.argv[2]))
while True:
    try:
        handle = sqlite3.connect(sys.argv[1], timeout=1)
        handle.execute('SELECT count(*) FROM messages').fetchone()
        handle.close()
    except sqlite3.OperationalError:
        pass
    time.sleep(random.random() * 0.05)
`
const hasPython = spawnSync('python3', ['-c', 'import sqlite3']).status === 0

export function fileGround(journal: 'wal' | 'delete'): Ground {
  // Writers that never rest leave others waiting for long.
  const at = (path: string) => `sqlite:${path}?journal=${journal}&busyTimeout=10000`
  return {
    name: `SQLite, journal=${journal}`,
    isFile: true,
    bare: async () => at(scratchFile()),
    empty: async () => {
      const url = at(scratchFile())
      await (await openStore(url)).close()
      return url
    },
    ancestor: async () => at(makeAncestor(scratchFile(), ANCESTOR)),
    stranger: (url, seed) => {
      if (!hasPython) {
        console.warn('NOT TESTED: files beside another program. There is no python3 with sqlite3')
        return () => undefined
      }
      const child = spawn('python3', ['-c', PYTHON, pathOf(url), String(seed)], { stdio: 'ignore' })
      onTestFinished(() => void child.kill('SIGKILL'))
      return () => void child.kill('SIGKILL')
    },
  }
}

export function serverGround(places: ServerPlaces, name: string): Ground {
  const used = (place: string, isLaid: boolean) => {
    onTestFinished(() => (isLaid ? places.giveBack(place) : places.drop(place)))
    return places.urlOf(place, { poolMax: 3 })
  }
  return {
    name,
    isFile: false,
    bare: async () => used(await places.create(), false),
    empty: async () => {
      const place = places.reserve()
      await places.lay(place)
      return used(place, true)
    },
    ancestor: async () => {
      const place = await places.create()
      await new MigratedPlaces(places).fill(place, ANCESTOR)
      return used(place, false)
    },
    stranger: (url, seed) => startChild('loss-reader', [url, seed]).kill,
  }
}

/** The file of a SQLite place. */
export function pathOf(url: string): string {
  return url.slice('sqlite:'.length).replace(/\?.*$/, '')
}

let exported: Promise<string> | undefined

/**
 * An organisation with something of everything, old enough to be pruned, as a file of records. It
 * is made once.
 */
export function organisation(): Promise<string> {
  exported ??= makeOrganisation()
  return exported
}

async function makeOrganisation(): Promise<string> {
  await using store = await openStore({ url: 'sqlite::memory:', enforce: 'record' })
  await store.costRecords.appendMany(oldCosts(600))
  await store.messages.appendMany(
    Array.from({ length: 600 }, (_, index) =>
      newMessage({ id: `old-${index}`, timestamp: daysAgo(index % 60) }),
    ),
  )
  await inThePast(100 * DAY, async () => {
    await Promise.all(Array.from({ length: 150 }, () => store.audit.append(newEntry())))
  })
  await store.actions.create(newAction({ actors: { strategy: 'ada', execution: 'bo' } }))
  await store.automationProfiles.create(newProfile())
  const root = await store.plans.create(newPlan({ name: 'local/old', actionName: 'local/build' }))
  const children = Array.from({ length: 100 }, () => newPlan({ parentPlanId: root.planId }))
  await store.plans.createMany(children)
  await store.plans.use(root.planId, root)
  await store.tasks.createMany(
    Array.from({ length: 150 }, (_, index) => newTask({ id: `old-${index}`, planId: root.planId })),
  )
  return await exportText(store)
}

/** Puts the organisation into an empty place. */
export async function settle(url: string): Promise<string> {
  await using store = await openStore({ url, backup: false })
  await importRecords(store, streamOf(await organisation(), 100_000))
  return url
}

/** Takes a place to an earlier version; what does not fit there is dropped. */
export async function takeBack(url: string, version: number): Promise<void> {
  await withConnected(url, (store) => store.migrate({ to: version, allowDataLoss: true, backup: false }))
}

/** A store that is connected, whatever version its place is at. */
export async function withConnected<T>(url: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = createBackend({ url, backup: false, migrate: 'off', enforce: 'record' })
  await store.connect()
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
