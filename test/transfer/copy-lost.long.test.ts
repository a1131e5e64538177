// A server that goes away in the middle of a copy: the error says so and that it may be repeated,
// what is copied stays, and the next run goes on.

import { expect, test } from 'vitest'
import { type CopyProgress, copyRecords, PersistenceConnectionError, type Store } from '../../src/index.ts'
import { freshUrl } from '../support/fresh-url.ts'
import { makeOrganisation } from '../support/organisation.ts'
import { scratchFile } from '../support/scratch.ts'
import { lineTo } from '../support/transfer/cut-line.ts'
import { connected, opened, placeNames, source, target } from '../support/transfer/places.ts'
import { recordLines } from '../support/transfer/record-lines.ts'

const servers = placeNames.filter((place) => place !== 'sqlite')

async function failureOf(from: Store, to: Store, progress: (now: CopyProgress) => void): Promise<unknown> {
  return copyRecords(from, to, { progress, batchRows: 3 }).catch((error: unknown) => error)
}

function expectLost(failure: unknown): void {
  expect(failure).toBeInstanceOf(PersistenceConnectionError)
  expect(failure).toMatchObject({ retryable: true })
}

test.each(servers)('the target on %s is gone, and back', async (place) => {
  const path = scratchFile('source.db')
  await makeOrganisation(path)
  const from = await opened(`sqlite:${path}`)
  const line = await lineTo(await freshUrl(place))
  const to = await connected(line.url)
  for (const phase of ['copy', 'verify'] as const) {
    const failure = await failureOf(from, to, (now) => {
      if (now.phase === phase && now.rows > 8) line.cut()
    })
    expectLost(failure)
    line.mend()
  }
  const report = await copyRecords(from, to)
  expect(report).toMatchObject({ ok: true, continued: true })
  expect(await recordLines(to)).toEqual(await recordLines(from))
})

test.each(servers)('the source on %s is gone, and back', async (place) => {
  const path = scratchFile('origin.db')
  await makeOrganisation(path)
  const origin = await opened(`sqlite:${path}`)
  const url = await freshUrl(place)
  const onServer = await opened(url)
  await copyRecords(origin, onServer)
  const line = await lineTo(url)
  const from = await connected(line.url)
  const to = await target()
  expectLost(
    await failureOf(from, to, (now) => {
      if (now.phase === 'copy' && now.rows > 8) line.cut()
    }),
  )
  line.mend()
  expect(await copyRecords(from, to)).toMatchObject({ ok: true, continued: true })
  expect(await recordLines(to)).toEqual(await recordLines(origin))
})

test('nothing is left open of a copy that failed', async () => {
  const path = scratchFile('source.db')
  await makeOrganisation(path)
  const from = await opened(`sqlite:${path}?journal=delete&busyTimeout=100`)
  const to = await source()
  const failure = await copyRecords(from, to, {
    batchRows: 2,
    progress: ({ phase }) => {
      if (phase === 'copy') throw new Error('no more')
    },
  }).catch((error: Error) => error)
  expect(failure).toMatchObject({ message: 'no more' })
  // A view that stood open would keep writers out of a file without a write-ahead log.
  for (const store of [from, to]) {
    await store.tasks.create({ title: 't', description: 'd', project: 'p', createdBy: 'x', type: 'admin' })
  }
})
