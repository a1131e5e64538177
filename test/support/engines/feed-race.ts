// Four processes write to one database, one of them is stopped in the middle of transactions and one
// is killed; readers that begin before, during and after see every committed message, each once, in
// one order.

import { expect } from 'vitest'
import { openStore, type Store } from '../../../src/index.ts'
import { type Child, startChild } from '../child-process.ts'

/** What one reader has heard, and the end of its hearing. */
interface Reader {
  readonly ids: string[]
  readonly ended: Promise<void>
}

function follow(store: Store, after: string, signal: AbortSignal): Reader {
  const ids: string[] = []
  const hear = async () => {
    for await (const { changes } of store.changes.follow({ after, signal, records: ['message'] })) {
      for (const { id } of changes) ids.push(id)
    }
  }
  return { ids, ended: hear() }
}

/** Lets each transaction commit as soon as it says that it is open; some while it is stopped. */
async function answer(child: Child, stops: boolean): Promise<void> {
  let seen = 0
  const look = async (): Promise<void> => {
    while (seen < child.lines.length && !child.lines[seen]?.startsWith('inside ')) seen += 1
    if (seen < child.lines.length) {
      seen += 1
      if (stops) child.process.kill('SIGSTOP')
      child.say('go')
      if (stops) {
        // The others write on meanwhile.
        await new Promise((resolve) => setTimeout(resolve, 50))
        child.process.kill('SIGCONT')
      }
    }
  }
  while (child.process.exitCode === null && child.process.signalCode === null) {
    await look()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** @param writes of all four processes together */
export async function raceOfWriters(url: string, writes: number): Promise<void> {
  await using store = await openStore(url)
  await using other = await openStore(url)
  const head = await store.changes.head()
  const ending = new AbortController()
  const before = follow(store, head, ending.signal)
  const writers = Array.from({ length: 4 }, (_, index) =>
    startChild('feed-writer', [url, `writer-${index}`, writes / 4]),
  )
  const [stopped, killed] = writers as [Child, Child]
  const answering = writers.map((child) => answer(child, child === stopped))
  await killed.lineCount(Math.ceil(writes / 16))
  const during = follow(other, head, ending.signal)
  killed.kill()
  const ends = await Promise.all(writers.map(({ ended }) => ended))
  await Promise.all(answering)
  for (const [index, { code, errors }] of ends.entries()) {
    if (writers[index] !== killed) expect({ code, errors }).toEqual({ code: 0, errors: '' })
  }
  const committed: string[] = []
  for await (const { id } of store.messages.each({ channel: 'feed' })) committed.push(id)
  const acknowledged = writers.flatMap(({ lines }) =>
    lines.filter((line) => line.startsWith('stored ')).map((line) => line.slice('stored '.length)),
  )
  const there = new Set(committed)
  expect(acknowledged.filter((id) => !there.has(id))).toEqual([])
  // Nothing comes after this one, so that readers which have it have everything.
  const { id } = await store.messages.append({
    id: 'last',
    sender: 'test',
    to: 'all',
    channel: 'end',
    type: 'status_report',
    content: 'last',
  })
  const after = follow(other, head, ending.signal)
  const readers = [before, during, after]
  while (readers.some(({ ids }) => ids.at(-1) !== id)) await new Promise((resolve) => setTimeout(resolve, 10))
  ending.abort()
  await Promise.all(readers.map(({ ended }) => ended))
  expect(before.ids).toHaveLength(committed.length + 1)
  expect(before.ids.filter((each) => each !== id && !there.has(each))).toEqual([])
  expect(new Set(before.ids).size).toBe(before.ids.length)
  // As text: compared one by one, many ids take minutes.
  for (const { ids } of [during, after]) expect(ids.join() === before.ids.join()).toBe(true)
}
