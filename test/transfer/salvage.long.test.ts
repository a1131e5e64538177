// U15: what export and copy do with a database of which a part cannot be read: without being asked
// they stop and name what goes past it; asked, they leave out what cannot be read, and tell all of
// it, in the report and in the file.

import { createReadStream, readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import {
  copyRecords,
  type ExportReport,
  exportRecords,
  exportToFile,
  importRecords,
  openStore,
  type PartialContent,
  type Store,
} from '../../src/index.ts'
import { largeDatabase, leavesOf, overwrite, rootOf, SECRET } from '../support/damaged-pages.ts'
import { withDatabase } from '../support/database-content.ts'
import { freshUrl } from '../support/fresh-url.ts'
import { scratchFile } from '../support/scratch.ts'
import { onPostgres, opened, placeNames, source, target } from '../support/transfer/places.ts'

interface Line {
  readonly type: string
  readonly record?: Readonly<Record<string, unknown>>
  readonly partial?: boolean | PartialContent
}

async function linesOf(
  store: Store,
): Promise<{ readonly lines: readonly Line[]; readonly report: ExportReport }> {
  const pieces = exportRecords(store, { salvage: true })
  let text = ''
  for (;;) {
    const { done, value } = await pieces.next()
    if (done)
      return {
        lines: text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Line),
        report: value,
      }
    text += Buffer.from(value).toString()
  }
}

const kinds = (lines: readonly Line[], type: string, key: string) =>
  lines.filter((line) => line.type === type).map(({ record }) => String(record?.[key]))

/** Ids by the table's own numbers, of rows whose pages will be lost. */
function idsOn(path: string, table: string, key: string, pages: readonly number[]): readonly string[] {
  const sound = withDatabase(path, (handle) => handle.prepare(`SELECT ${key} FROM ${table}`).pluck().all())
  overwrite(path, pages)
  return withDatabase(path, (handle) => {
    const look = handle.prepare(`SELECT ${key} FROM ${table} NOT INDEXED WHERE rowid = ?`).pluck()
    return sound.map(String).filter((id) => {
      const at = handle.prepare(`SELECT rowid FROM ${table} WHERE ${key} = ?`).pluck().get(id)
      try {
        return look.get(at) === undefined
      } catch {
        return true
      }
    })
  })
}

test('U15: three bad pages: everything else is exported, what is lost is told by its ids, and nothing of contents', async () => {
  const path = await largeDatabase()
  const lost = idsOn(path, 'tasks', 'id', leavesOf(path, 'tasks').slice(2, 5))
  expect(lost.length).toBeGreaterThan(5)
  const store = await opened(`sqlite:${path}`)
  const { lines, report } = await linesOf(store)
  const tasks = kinds(lines, 'task', 'id')
  expect(tasks).toHaveLength(120 - lost.length)
  expect(tasks).toEqual(tasks.toSorted())
  expect(report.partial?.lost).toBe(lost.length)
  expect(report.partial?.losses.map(({ table, id, column }) => [table, id, column])).toEqual(
    lost.toSorted().map((id) => ['tasks', id, null]),
  )
  expect(JSON.stringify(report)).not.toContain(SECRET)
  expect(report.counts).toMatchObject({ plan: 60, message: 200, cost_record: 100, task: 120 - lost.length })
  expect(lines[0]?.partial).toBe(true)
  expect(lines.at(-1)?.partial).toEqual(report.partial)
})

test('U15: a partial file is imported when that is asked for, and says so; otherwise it is refused', async () => {
  const path = await largeDatabase()
  overwrite(path, leavesOf(path, 'tasks').slice(2, 5))
  const file = scratchFile('rescued.jsonl.gz')
  const report = await exportToFile(await opened(`sqlite:${path}`), file, { salvage: true })
  const to = await source()
  await expect(importRecords(to, createReadStream(file))).rejects.toMatchObject({
    code: 'TRANSFER_FAILED',
    message: expect.stringMatching(/the file is partial.*nothing was stored.*--partial/) as string,
  })
  expect(await to.tasks.count()).toBe(0)
  const imported = await importRecords(to, createReadStream(file), { partial: true })
  expect(imported).toMatchObject({ failed: 0, intact: true, partial: report.partial })
  expect(await to.tasks.count()).toBe(report.counts.task)
  expect((await to.doctor()).ok).toBe(true)
})

test('U15: without being asked the export stops, and names the table and what goes past it', async () => {
  const path = await largeDatabase()
  overwrite(path, leavesOf(path, 'messages').slice(3, 4))
  const store = await opened(`sqlite:${path}`)
  const file = scratchFile('export.jsonl')
  await expect(exportToFile(store, file)).rejects.toMatchObject({
    code: 'QUERY_FAILED',
    message: expect.stringMatching(
      /^the table messages cannot be read to its end.*export --salvage/,
    ) as string,
  })
  await expect(copyRecords(store, await target())).rejects.toThrow(/the table messages.*--on-error skip/)
})

test('U15: a sound database is exported as always when it is asked to salvage', async () => {
  const path = await largeDatabase()
  const store = await opened(`sqlite:${path}`)
  const { report, lines } = await linesOf(store)
  expect(report.partial).toBeUndefined()
  expect(lines[0]?.partial).toBeUndefined()
  const plain = await exportToFile(store, scratchFile('plain.jsonl'))
  expect(report.sha256).toBe(plain.sha256)
})

test('U15: only indexes are damaged: every record is there, and the file is whole', async () => {
  const path = await largeDatabase()
  const names = ['sqlite_autoindex_tasks_1', 'plans_parent', 'messages_id', 'audit_entries_id']
  overwrite(
    path,
    names.map((name) => rootOf(path, name)),
  )
  const { report } = await linesOf(await opened(`sqlite:${path}`))
  expect(report.partial).toBeUndefined()
  expect(report.counts).toMatchObject({ plan: 60, task: 120, message: 200, audit_entry: 180 })
})

test('U15: a table and the index of its key are damaged: what is lost is told by numbers of rows', async () => {
  const path = await largeDatabase()
  overwrite(path, [rootOf(path, 'sqlite_autoindex_tasks_1'), leavesOf(path, 'tasks')[1] ?? 0])
  const { report } = await linesOf(await opened(`sqlite:${path}`))
  const losses = report.partial?.losses ?? []
  expect(losses).toEqual([
    {
      type: 'task',
      table: 'tasks',
      id: null,
      from: expect.stringMatching(/^\d+$/) as string,
      to: expect.stringMatching(/^\d+$/) as string,
      column: null,
      reason: expect.any(String) as string,
    },
  ])
  const gap = Number(losses[0]?.to) - Number(losses[0]?.from) + 1
  expect(report.counts.task).toBe(120 - gap)
})

test('U15: the whole of a table is lost: the rest is there', async () => {
  const path = await largeDatabase()
  overwrite(path, [rootOf(path, 'messages')])
  const { report } = await linesOf(await opened(`sqlite:${path}`))
  expect(report.counts).toMatchObject({ plan: 60, task: 120, message: 0 })
  expect(report.partial?.lost).toBe(200)
})

test('U15: records that refer to a lost plan lose the reference, not their lives, and the trees below it stand', async () => {
  const path = await largeDatabase()
  await (async () => {
    await using store = await openStore(`sqlite:${path}`)
    const { items } = await store.plans.list({}, { limit: 1000 })
    // The last ten hang below the second plan of the page that will be lost.
    const parent = items[5]
    for (const index of [1, 2, 3])
      await store.plans.create({ parentPlanId: parent?.planId, actionName: 'x/y', description: `${index}` })
  })()
  const lost = idsOn(path, 'plans', 'plan_id', leavesOf(path, 'plans').slice(1, 3))
  const file = scratchFile('rescued.jsonl')
  const report = await exportToFile(await opened(`sqlite:${path}`), file, { salvage: true })
  const taken = report.partial?.losses.filter(({ column }) => column !== null) ?? []
  expect(new Set(taken.map(({ table, column }) => `${table}.${column}`))).toEqual(
    new Set(['tasks.plan_id', 'plans.parent_plan_id', 'plans.root_plan_id']),
  )
  expect(report.counts.task).toBe(120)
  const to = await source()
  const imported = await importRecords(to, createReadStream(file), { partial: true })
  expect(imported).toMatchObject({ failed: 0 })
  expect(await to.plans.count()).toBe(63 - lost.length)
  const { checks } = await to.doctor()
  expect(checks.filter(({ status }) => status !== 'ok')).toEqual([])
})

test('U15: entries behind a gap of the audit trail stay in the file, and an import says which it leaves out', async () => {
  const path = await largeDatabase()
  overwrite(path, leavesOf(path, 'audit_entries').slice(1, 2))
  const file = scratchFile('rescued.jsonl')
  const report = await exportToFile(await opened(`sqlite:${path}`), file, { salvage: true })
  const lost = report.partial?.lost ?? 0
  expect(lost).toBeGreaterThan(0)
  expect(report.counts.audit_entry).toBe(180 - lost)
  const to = await source()
  const imported = await importRecords(to, createReadStream(file), { partial: true })
  const { stored = 0, failed = 0 } = imported.byType.audit_entry ?? {}
  expect([stored > 0, failed > 0, stored + failed]).toEqual([true, true, 180 - lost])
  expect(imported.errors[0]?.message).toContain('does not continue the trail')
  expect(await to.audit.verify()).toMatchObject({ ok: true, checked: stored })
})

describe.each(placeNames)('U15: a copy of a damaged file to %s', (place) => {
  test('leaves out what cannot be read, tells it, and is not ok', async () => {
    const path = await largeDatabase()
    const lost = idsOn(path, 'tasks', 'id', leavesOf(path, 'tasks').slice(2, 4))
    const store = await opened(`sqlite:${path}`)
    const to = await target(place)
    const report = await copyRecords(store, to, { onError: 'skip' })
    expect(report.ok).toBe(false)
    expect(report.problemCount).toBe(lost.length)
    expect(report.problems.map(({ problem, table, id }) => [problem, table, id])).toEqual(
      lost.toSorted().map((id) => ['unreadable', 'tasks', id]),
    )
    const tasks = report.tables.find(({ table }) => table === 'tasks')
    expect(tasks).toMatchObject({ rows: 120 - lost.length, refused: lost.length, verified: true })
    expect(await to.tasks.count()).toBe(120 - lost.length)
    expect(JSON.stringify(report)).not.toContain(SECRET)
    const again = await copyRecords(store, to, { onError: 'skip', merge: true })
    expect(again.tables.every(({ verified, stored }) => verified && stored === 0)).toBe(true)
  })
})

test.runIf(placeNames.includes('postgres'))(
  'U15: on PostgreSQL, rows of which a part is gone are left out by their ids',
  async () => {
    const url = await freshUrl('postgres')
    const store = await opened(url)
    for (const id of ['a', 'b', 'c'])
      await store.messages.append({
        id,
        sender: 's',
        to: 't',
        channel: 'c',
        type: 'question',
        // Only a long text is kept apart from its row.
        content:
          id === 'a' ? Array.from({ length: 4000 }, () => Math.random().toString(36)).join(SECRET) : 'short',
      })
    const schema = new URL(url).searchParams.get('schema') ?? 'public'
    await onPostgres(
      'SET allow_system_table_mods = on',
      ...['r', 't'].flatMap((kind) => [
        // The server lets nobody write where it keeps long values; unless it takes that for a table
        // as any other.
        `UPDATE pg_class SET relkind = '${kind}' WHERE oid = (SELECT reltoastrelid FROM pg_class WHERE oid = '"${schema}".messages'::regclass)`,
        ...(kind === 't'
          ? []
          : [
              `DO $$ DECLARE long text; BEGIN
                SELECT reltoastrelid::regclass::text INTO long FROM pg_class WHERE oid = '"${schema}".messages'::regclass;
                EXECUTE format('TRUNCATE %s', long);
              END $$`,
            ]),
      ]),
    )
    await expect(exportToFile(store, scratchFile('x.jsonl'))).rejects.toThrow(/the table messages.*--salvage/)
    const { report, lines } = await linesOf(store)
    expect(report.partial?.losses.map(({ table, id }) => [table, id])).toEqual([['messages', 'a']])
    expect(kinds(lines, 'message', 'id')).toEqual(['b', 'c'])
  },
)

test('U15: a file that claims to be partial and does not say how is refused', async () => {
  const file = scratchFile('whole.jsonl')
  await exportToFile(await source(), file)
  const [header = '', ...rest] = readFileSync(file, 'utf8').trimEnd().split('\n')
  const trailer = { ...(JSON.parse(rest.at(-1) ?? '') as object), partial: { lost: 'some' } }
  const text = `${[header.replace('}', ',"partial":true}'), ...rest.slice(0, -1), JSON.stringify(trailer)].join('\n')}\n`
  await expect(
    importRecords(await source(), Readable.from([Buffer.from(text)]), { partial: true }),
  ).rejects.toThrow(/the trailer: partial must say how much is lost/)
})
