// A process that writes with 64 callers is killed with SIGKILL, again and again on one file. After
// each death every write that was acknowledged is there, nothing is there by half, and the file is
// sound.

import { describe, expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { startChild } from '../support/child-process.ts'
import { sound, soundness, withDatabase } from '../support/database-content.ts'
import { scratchFile } from '../support/scratch.ts'

const ROUNDS = 16

/** What the children said was stored. */
class Acknowledged {
  readonly messages = new Set<string>()
  readonly tasks = new Map<string, number>()
  readonly costs = new Set<string>()
  readonly batches = new Set<string>()
  readonly transactions = new Set<string>()

  note(line: string): void {
    const [kind, name = '', more] = line.split(' ')
    if (kind === 'm') this.messages.add(name)
    if (kind === 't') this.tasks.set(name, Number(more))
    if (kind === 'c') this.costs.add(name)
    if (kind === 'b') this.batches.add(name)
    if (kind === 'x') this.transactions.add(name)
  }

  get size(): number {
    return this.messages.size + this.tasks.size + this.costs.size + this.batches.size + this.transactions.size
  }
}

function idsOf(path: string, table: string): Set<string> {
  return withDatabase(
    path,
    (handle) => new Set(handle.prepare(`SELECT id FROM ${table}`).pluck().all().map(String)),
  )
}

/** Names of batches or transactions of which some rows are there, but not all. */
function byHalf(ids: Iterable<string>, mark: string, parts: number): string[] {
  const counts = new Map<string, number>()
  for (const id of ids) {
    if (!id.startsWith(`${mark}-`)) continue
    const name = id.slice(0, id.lastIndexOf('-'))
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].filter(([, count]) => count !== parts).map(([name]) => name)
}

const missing = (wanted: Iterable<string>, found: ReadonlySet<string>) =>
  [...wanted].filter((id) => !found.has(id))

function check(path: string, acknowledged: Acknowledged): void {
  expect(soundness(path)).toEqual(sound)
  const [messages, tasks, costs] = ['messages', 'tasks', 'cost_records'].map((table) =>
    idsOf(path, table),
  ) as [Set<string>, Set<string>, Set<string>]
  expect(missing(acknowledged.messages, messages)).toEqual([])
  expect(missing(acknowledged.tasks.keys(), tasks)).toEqual([])
  expect(missing(acknowledged.costs, costs)).toEqual([])
  expect(
    missing(acknowledged.batches, new Set([...messages].map((id) => id.slice(0, id.lastIndexOf('-'))))),
  ).toEqual([])
  expect(
    missing(acknowledged.transactions, new Set([...tasks].map((id) => id.slice(0, id.lastIndexOf('-'))))),
  ).toEqual([])
  expect(byHalf(messages, 'b', 3)).toEqual([])
  expect(byHalf([...messages, ...tasks], 'x', 2)).toEqual([])
  checkVersions(path, acknowledged.tasks)
  checkTotals(path)
}

/** An acknowledged update is there whole: its version with its title. */
function checkVersions(path: string, tasks: ReadonlyMap<string, number>): void {
  const rows = withDatabase(path, (handle) =>
    handle
      .prepare(
        "SELECT id, version, title, json_extract(metadata, '$.by') AS by FROM tasks WHERE id LIKE 't-%'",
      )
      .all(),
  ) as { id: string; version: number; title: string; by: string | null }[]
  for (const { id, version, title, by } of rows) {
    expect(version, id).toBeGreaterThanOrEqual(tasks.get(id) ?? 1)
    expect({ title, by }, id).toEqual(version === 2 ? { title: 'changed', by: id } : { title: 't', by: null })
  }
}

/** In every dimension the totals are the sum of the records. */
function checkTotals(path: string): void {
  withDatabase(path, (handle) => {
    const records = handle
      .prepare('SELECT sum(cost) AS cost, count(*) AS records, sum(input_tokens) AS tokens FROM cost_records')
      .get()
    const totals = handle
      .prepare(
        'SELECT dimension, sum(cost) AS cost, sum(records) AS records, sum(input_tokens) AS tokens FROM cost_totals GROUP BY 1',
      )
      .all() as { dimension: string }[]
    expect(totals).toHaveLength((records as { records: number }).records > 0 ? 8 : 0)
    for (const { dimension, ...total } of totals) expect(total, dimension).toEqual(records)
  })
}

describe('killed while 64 callers write', () => {
  test(`${ROUNDS} times on one file`, { timeout: 240_000 }, async () => {
    const path = scratchFile()
    const acknowledged = new Acknowledged()
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = acknowledged.size
      const child = startChild('write', [path, round])
      await child.line('ready')
      // The first rounds die at their first writes, the later ones in full flight.
      const moment = round < 4 ? 1 + round : 30 + Math.floor(Math.random() * 600)
      await child.lineCount(moment)
      child.kill()
      const { signal, errors } = await child.ended
      expect({ signal, errors }).toEqual({ signal: 'SIGKILL', errors: '' })
      for (const line of child.lines) acknowledged.note(line)
      if (round >= 4) expect(acknowledged.size).toBeGreaterThan(before)
      check(path, acknowledged)
    }
    expect(acknowledged.batches.size * acknowledged.transactions.size).toBeGreaterThan(0)

    const store = await openStore(`sqlite:${path}`)
    const stored = idsOf(path, 'messages').size
    let read = 0
    for await (const message of store.messages.each()) {
      expect(message.unreadable).toEqual([])
      read += 1
    }
    expect(read).toBe(stored)
    // Full-text search catches up with every row that the dead processes had noted.
    expect((await store.messages.search('word', { limit: 1 })).items).toHaveLength(1)
    const indexed = withDatabase(
      path,
      (handle) => {
        handle.exec("INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)")
        return handle
          .prepare("SELECT count(*) FROM messages_fts WHERE messages_fts MATCH 'word'")
          .pluck()
          .get()
      },
      false,
    )
    expect(indexed).toBe(stored)
    await store.close()
  })
})

test.each(['inside its first transaction', 'after it has committed another'])(
  'a process killed %s leaves no lock and no rows',
  async (when) => {
    const path = scratchFile()
    await (await openStore(`sqlite:${path}`)).close()
    const committed = when.startsWith('after')
    const child = startChild('transaction', committed ? [path, 'committed'] : [path])
    await child.line('inside')
    const store = await openStore(`sqlite:${path}?busyTimeout=0`)
    const task = { title: 't', description: 'd', project: 'p', createdBy: 'c', type: 'admin' } as const
    await expect(store.tasks.create(task)).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true })
    child.kill()
    await child.ended
    await store.tasks.create(task)
    expect(await store.tasks.count()).toBe(committed ? 2 : 1)
    expect(await store.tasks.get('inside')).toBeNull()
    expect(await store.messages.get('inside')).toBeNull()
    expect(await store.costRecords.count()).toBe(0)
    await store.close()
    expect(soundness(path)).toEqual(sound)
  },
)
