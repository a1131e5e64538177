// G3, statement by statement: the files as they are before each statement of a migration are what a
// process killed there leaves behind (SIGKILL takes nothing back that the kernel has). Each such
// state is opened again. Real kills: killed.test.ts.

import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { MigrateOptions } from '../../src/index.ts'
import {
  contentOf,
  type DatabaseContent,
  sound,
  soundness,
  withDatabase,
} from '../support/database-content.ts'
import { makeAncestor } from '../support/legacy.ts'
import { latest, migrateFile, versions, withBackend } from '../support/migrated.ts'
import { schemaFacts } from '../support/schema-facts.ts'
import { hashOf, scratchFile, scratchFolder } from '../support/scratch.ts'

const timeout = 240_000

interface States {
  /** How often the files were looked at. */
  readonly looks: number
  /**
   * Copies of the files, one for each content: what is in them alone says what opening them comes
   * to.
   */
  readonly states: readonly string[]
}

/** Looks at the file and its journals before each statement and after each migration. */
async function statesDuring(path: string, options: MigrateOptions, settings = ''): Promise<States> {
  const folder = scratchFolder()
  const states: string[] = []
  const seen = new Set<string>()
  let looks = 0
  await withBackend(
    path,
    async (store) => {
      const keep = () => {
        looks += 1
        const content = ['', '-wal', '-journal'].map((suffix) =>
          existsSync(path + suffix) ? hashOf(path + suffix) : '',
        )
        if (seen.has(content.join())) return
        seen.add(content.join())
        const state = join(folder, String(states.length))
        mkdirSync(state)
        for (const suffix of ['', '-wal', '-journal']) {
          if (existsSync(path + suffix)) copyFileSync(path + suffix, join(state, `purser.db${suffix}`))
        }
        states.push(join(state, 'purser.db'))
      }
      for (const event of ['step', 'applied', 'reverted'] as const)
        store.on(`persistence.migration.${event}`, keep)
      await store.migrate({ backup: false, ...options })
    },
    { settings },
  )
  return { looks, states }
}

/** The schema of each version, as a database that went there undisturbed has it. */
async function schemasByVersion(): Promise<ReadonlyMap<number, unknown>> {
  const schemas = new Map<number, unknown>()
  for (const version of versions) {
    const path = scratchFile()
    await migrateFile(path, { to: version })
    schemas.set(version, schemaFacts(path))
  }
  return schemas
}

function versionOf(path: string): number {
  return withDatabase(
    path,
    (handle) => {
      const ledger = handle.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'purser_migrations'").get()
      return ledger ? Number(handle.prepare('SELECT max(version) FROM purser_migrations').pluck().get()) : 0
    },
    false,
  )
}

/** Of tasks, and of the queue that has a copy of one. */
function lessTaskTimes(content: DatabaseContent): DatabaseContent {
  const { tasks, task_queue: queue, settings, ...tables } = content.tables
  const cut = tasks?.rows.map((row) => row.slice(0, 23))
  const place = queue?.columns.indexOf('created_at') ?? -1
  const kept = queue?.rows.map((row) => row.toSpliced(place, 1))
  return {
    ...content,
    tables: {
      ...tables,
      ...(tasks && cut ? { tasks: { columns: tasks.columns, rows: cut } } : {}),
      // Without its times, which are the migration's own.
      ...(settings && {
        settings: { columns: settings.columns, rows: settings.rows.map((row) => row.slice(0, 4)) },
      }),
      ...(queue && kept ? { task_queue: { columns: queue.columns, rows: kept } } : {}),
    },
  }
}

describe.each(['wal', 'delete'])('journal=%s', (journal) => {
  test('up: every state is a whole version, and ends where an undisturbed migration does', {
    timeout,
  }, async () => {
    const path = makeAncestor(scratchFile(), {
      operations: true,
      plans: true,
      damage: ['timesUnreadable', 'strangeMoney', 'planNames', 'planTimes'],
    })
    withDatabase(path, (handle) => handle.pragma(`journal_mode = ${journal}`), false)
    const original = contentOf(path)
    const { looks, states } = await statesDuring(path, {}, `journal=${journal}`)
    const complete = lessTaskTimes(contentOf(path))
    expect(looks).toBeGreaterThan(60)
    const schemas = await schemasByVersion()
    const seen = new Set<number>()
    for (const state of states) {
      const version = versionOf(state)
      seen.add(version)
      expect(soundness(state)).toEqual(sound)
      if (version === 0) expect(contentOf(state)).toEqual(original)
      else expect(schemaFacts(state)).toEqual(schemas.get(version))
      await migrateFile(state, {}, `journal=${journal}`)
      expect(lessTaskTimes(contentOf(state))).toEqual(complete)
      expect(soundness(state)).toEqual(sound)
    }
    expect([...seen]).toEqual([0, ...versions])
  })
})

test('down: every state is the version before or the one wanted, and going on loses nothing', {
  timeout,
}, async () => {
  const path = makeAncestor(scratchFile(), {
    operations: true,
    plans: true,
    damage: ['timesUnreadable', 'strangeMoney', 'planNames', 'planTimes'],
  })
  const original = contentOf(path)
  await migrateFile(path)
  const upgraded = contentOf(path)
  const { looks, states } = await statesDuring(path, { to: 1 })
  expect(looks).toBeGreaterThan(25)
  const seen = new Set<number>()
  for (const state of states) {
    const version = versionOf(state)
    seen.add(version)
    expect(contentOf(state)).toEqual(version === 1 ? original : upgraded)
    await migrateFile(state, { to: 1 })
    expect(contentOf(state)).toEqual(original)
    expect(soundness(state)).toEqual(sound)
  }
  expect([...seen]).toEqual([latest, 1])
})
