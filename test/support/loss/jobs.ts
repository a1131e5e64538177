// The pieces of work on a whole place that a process is killed in, and what has to be so
// afterwards: what they made is whole or not there, what they read is as it was, and beginning
// again ends where an undisturbed run does.

import { createReadStream, existsSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { copyRecords, importRecords, openStore, type Store } from '../../../src/index.ts'
import { latest } from '../migrated.ts'
import { scratchFile } from '../scratch.ts'
import { recordLinesOf } from '../transfer/files.ts'
import { type Ground, organisation, settle, takeBack, withConnected } from './grounds.ts'
import type { Random } from './random.ts'

interface Prepared {
  readonly url: string
  /** A second place, or a file. */
  readonly other: string
  /** What must come out of it. */
  readonly expected: unknown
}

export interface Job {
  readonly name: string
  /** Servers have tools of their own for it. */
  readonly isForFiles: boolean
  /** The place is at this build's version before the work is done. */
  readonly isCurrent: boolean
  readonly besideWriters: boolean
  /** So many lines it prints when nothing comes in between, more or less. */
  readonly usualLines: number
  prepare(ground: Ground, random: Random): Promise<Prepared>
  /** Looks at what is there, begins again where it was not done, and looks again. */
  faults(place: Prepared, isDone: boolean): Promise<readonly string[]>
}

const plain = { isForFiles: false, isCurrent: true, besideWriters: false }

const linesAt = (url: string): Promise<readonly string[]> =>
  withConnected(url, async (store) => recordLinesOf(store))

/** Adopted records, and those that went back a version, get the time of the migration. */
const timeless = (lines: readonly string[]) =>
  lines
    .map((line) =>
      line.replaceAll(/"\w+At":"[^"]*",?/g, '').replaceAll(/"(hash|previousHash|id)":"[0-9a-fA-Z]+",?/g, ''),
    )
    .sort()

async function migratedLines(url: string): Promise<readonly string[]> {
  await withConnected(url, (store) => store.migrate({ backup: false }))
  return timeless(await linesAt(url))
}

/** @param source its record lines @param isWhole nothing may be missing */
function unlike(there: readonly string[], source: readonly string[], isWhole: boolean): readonly string[] {
  const known = new Set(source)
  const strange = there.filter((line) => !known.has(line)).length
  const missing = isWhole ? source.length - new Set(there).size : 0
  return strange === 0 && missing === 0
    ? []
    : [`of ${source.length} records ${missing} are missing, ${strange} are others`]
}

const migrate = (
  name: string,
  prepare: (ground: Ground, random: Random) => Promise<() => Promise<string>>,
): Job => ({
  ...plain,
  name: 'migrate',
  isCurrent: false,
  usualLines: 170,
  prepare: async (ground, random) => {
    const make = await prepare(ground, random)
    const undisturbed = await make()
    return {
      url: await make(),
      other: random.chance(0.3) ? 'backup' : '',
      expected: await migratedLines(undisturbed),
    }
  },
  faults: async ({ url, expected }) => {
    const version = await withConnected(url, async (store) => (await store.migrationStatus()).current)
    const lines = await migratedLines(url)
    return isDeepStrictEqual(lines, expected)
      ? []
      : [`${name}, ended at version ${version}, does not come to what an undisturbed one does`]
  },
})

export const jobs: readonly Job[] = [
  migrate('migrate', async (ground, random) => {
    const version = random.whole(5, latest - 1)
    return async () => {
      const url = await settle(await ground.bare())
      await takeBack(url, version)
      return url
    }
  }),
  migrate('adopt', async (ground) => () => ground.ancestor()),
  {
    ...plain,
    name: 'down',
    isCurrent: false,
    usualLines: 20,
    prepare: async (ground, random) => ({
      url: await settle(await ground.empty()),
      other: String(random.whole(5, latest - 1)),
      // What going back loses depends on how far it went.
      expected: async (version: number) => {
        const url = await settle(await ground.empty())
        if (version < latest) await takeBack(url, version)
        return migratedLines(url)
      },
    }),
    faults: async ({ url, other, expected }, isDone) => {
      const version = await withConnected(url, async (store) => (await store.migrationStatus()).current)
      const undisturbed = expected as (version: number) => Promise<readonly string[]>
      const lines = await migratedLines(url)
      if (isDone && version !== Number(other)) return [`down was done, and the version is ${version}`]
      // A step that was cut off where steps stay is ended before the way up begins.
      for (const reached of [version, version - 1])
        if (isDeepStrictEqual(lines, await undisturbed(reached))) return []
      return [`down, ended at version ${version}, and up again does not come to what an undisturbed one does`]
    },
  },
  {
    ...plain,
    name: 'import',
    usualLines: 40,
    prepare: async (ground) => {
      const other = scratchFile('records.jsonl')
      writeFileSync(other, await organisation())
      return {
        url: await ground.empty(),
        other,
        expected: (await organisation()).trimEnd().split('\n').slice(1, -1),
      }
    },
    faults: async ({ url, other, expected }, isDone) => {
      const source = expected as readonly string[]
      const first = unlike(await linesAt(url), source, isDone)
      const { failed } = await withConnected(url, (store) => importRecords(store, createReadStream(other)))
      return [
        ...first,
        ...unlike(await linesAt(url), source, true),
        ...(failed > 0 ? ['the second import failed'] : []),
      ]
    },
  },
  {
    ...plain,
    name: 'copy',
    usualLines: 60,
    prepare: async (ground) => {
      const url = await settle(await ground.empty())
      return { url, other: await ground.bare(), expected: await linesAt(url) }
    },
    faults: async ({ url, other, expected }) =>
      withConnected(url, (from) =>
        withConnected(other, async (to) => {
          const { ok } = await copyRecords(from, to)
          const source = expected as readonly string[]
          return [
            ...unlike(await recordLinesOf(to), source, true),
            ...(ok ? [] : ['the second copy is not sound']),
          ]
        }),
      ),
  },
  {
    ...plain,
    name: 'export',
    besideWriters: true,
    usualLines: 10,
    prepare: async (ground, random) => {
      const url = await settle(await ground.empty())
      const other = scratchFile(random.chance(0.5) ? 'records.jsonl' : 'records.jsonl.gz')
      return { url, other, expected: undefined }
    },
    faults: async ({ other }, isDone) => {
      if (!existsSync(other)) return isDone ? ['the export is not there'] : []
      await using store = await openStore('sqlite::memory:')
      const { intact, failed } = await importRecords(store, createReadStream(other))
      return intact && failed === 0 ? [] : ['the export has its name and is not whole']
    },
  },
  {
    ...plain,
    name: 'backup',
    isForFiles: true,
    besideWriters: true,
    usualLines: 4,
    prepare: async (ground) => ({
      url: await settle(await ground.empty()),
      other: scratchFile('backup.db'),
      expected: undefined,
    }),
    faults: async ({ other }, isDone) => {
      if (!existsSync(other)) return isDone ? ['the backup is not there'] : []
      await using store = await openStore(`sqlite:${other}`)
      const { ok } = await store.doctor()
      return ok && (await store.messages.count()) >= 600 ? [] : ['the backup has its name and is not whole']
    },
  },
  {
    ...plain,
    name: 'prune',
    besideWriters: true,
    usualLines: 10,
    prepare: async (ground) => {
      const url = await settle(await ground.empty())
      return { url, other: '', expected: await withConnected(url, oldTotals) }
    },
    faults: async ({ url, expected }) =>
      withConnected(url, async (store) => {
        const between = await oldTotals(store)
        const ages = { messages: '30d', costs: '30d', audit: '90d' } as const
        let left = 1
        while (left > 0) {
          const results = await store.retention.prune(ages)
          left = results.reduce((sum, result) => sum + result.left, 0)
        }
        const after = await oldTotals(store)
        return isDeepStrictEqual(between, expected) && isDeepStrictEqual(after, expected)
          ? []
          : ['totals are not what they were before the pruning']
      }),
  },
]

const groupings = [
  ['currency', 'day'],
  ['currency', 'agent'],
  ['currency', 'task', 'plan'],
  ['currency', 'hour', 'model', 'category', 'project'],
] as const

/** Without what writers of this round have added. */
function oldTotals(store: Store): Promise<unknown> {
  const agentId = ['agent-0', 'agent-1', 'agent-2']
  return Promise.all(groupings.map((by) => store.costRecords.aggregate({ agentId }, { by })))
}
