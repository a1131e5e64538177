// A process that prunes is killed with SIGKILL, again and again on one database: whatever it had
// done, no total of costs differs, the audit trail verifies, and pruning goes on where it stopped.

import { expect } from 'vitest'
import { inThePast } from '../../../src/conformance/store/clock.ts'
import { DAY, daysAgo, everyTotal, oldCosts } from '../../../src/conformance/support/retention-samples.ts'
import { newEntry, newMessage } from '../../../src/conformance/support/samples.ts'
import { openStore } from '../../../src/index.ts'
import { startChild } from '../child-process.ts'

const ROUNDS = 5

/** @param url of an empty database */
export async function surviveKills(url: string): Promise<void> {
  {
    await using store = await openStore(url)
    await store.costRecords.appendMany(oldCosts(1500))
    const message = (index: number) => newMessage({ id: `m${index}`, timestamp: daysAgo(index % 60) })
    await store.messages.appendMany(Array.from({ length: 1500 }, (_, index) => message(index)))
    await inThePast(100 * DAY, async () => {
      await Promise.all(Array.from({ length: 400 }, () => store.audit.append(newEntry())))
    })
  }
  const totals = await read(url)
  let isDone = false
  for (let round = 0; round < ROUNDS && !isDone; round += 1) {
    const child = startChild('prune', [url])
    // Killed in the midst of a batch: some time after the line of the one before.
    await child.lineCount(2 + Math.floor(Math.random() * 5)).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
    child.kill()
    await child.ended
    isDone = child.lines.includes('done')
    expect(await read(url), `round ${round}`).toEqual(totals)
    await assertSound(url)
  }
  if (!isDone) await startChild('prune', [url]).line('done')
  expect(await read(url)).toEqual(totals)
  await assertSound(url)
  await using store = await openStore(url)
  const left = await store.retention.preview({ messages: '30d', costs: '30d', audit: '90d' })
  expect(left.map(({ rows }) => rows)).toEqual([0, 0, 0])
}

async function read(url: string) {
  await using store = await openStore(url)
  return await everyTotal(store)
}

async function assertSound(url: string): Promise<void> {
  await using store = await openStore(url)
  const { checks } = await store.doctor()
  expect(checks.filter(({ status }) => status !== 'ok')).toEqual([])
}
