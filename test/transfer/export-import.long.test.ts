// Exports and imports between stores of every engine: what comes in is what went out, as often as
// it is done and however often it was cut off, and an export is one view of its store.

import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  exportRecords,
  type ImportReport,
  importRecords,
  MigrationError,
  PersistenceConnectionError,
  recordTypes,
  type Store,
  TransferError,
} from '../../src/index.ts'
import { recordKinds } from '../../src/transfer/rows/record-kind.ts'
import { freshUrl } from '../support/fresh-url.ts'
import { makeAncestor } from '../support/legacy.ts'
import { damage, damageUnseen, makeOrganisation } from '../support/organisation.ts'
import { scratchFile } from '../support/scratch.ts'
import { fill, organisation } from '../support/transfer/any-organisation.ts'
import { exportLines, exportText, recordLinesOf, sealed, streamOf } from '../support/transfer/files.ts'
import { connected, opened, placeNames, source } from '../support/transfer/places.ts'

/** A store on a file with some of every record; some of it as only other programs leave it. */
async function usedStore(): Promise<Store> {
  const path = scratchFile()
  await makeOrganisation(path)
  damage(
    path,
    `UPDATE tasks SET reviewers = '["ada", "bo"]', metadata = '{"b":1,  "1":2}' WHERE id = 'idle'`,
    `UPDATE messages SET metadata = '{"task_id":"busy","theirs":[1]}'`,
    `UPDATE tasks SET title = ' ' WHERE id = 'idle'`,
  )
  return opened(`sqlite:${path}`)
}

const sum = (report: ImportReport) => [report.stored, report.unchanged, report.failed]

test('the kinds by name are the kinds that there are', () => {
  expect(recordTypes).toEqual(recordKinds.map(({ type }) => type))
})

const trailOf = (lines: readonly string[]) => lines.filter((line) => line.startsWith('{"type":"audit_entry"'))

describe.each(placeNames)('into %s', (place) => {
  test('everything comes in as it was, a second time nothing changes, and it comes out the same', async () => {
    const from = await usedStore()
    const lines = await exportLines(from)
    const to = await source(place)
    const first = await importRecords(to, streamOf(lines.join('\n')))
    expect(sum(first)).toEqual([lines.length - 2, 0, 0])
    expect(first.records).toBe(lines.length - 2)
    expect(first.errors).toEqual([])
    const second = await importRecords(to, streamOf(`${lines.join('\n')}\n`, 7))
    expect(sum(second)).toEqual([0, lines.length - 2, 0])
    const out = await exportLines(to)
    expect(out.slice(1, -1)).toEqual(lines.slice(1, -1))
    expect(out.at(-1)).toBe(lines.at(-1))
    expect(await to.audit.verify()).toMatchObject({ ok: true })
    expect(await to.costRecords.aggregate({ agentId: 'agent-1' })).toEqual(
      await from.costRecords.aggregate({ agentId: 'agent-1' }),
    )
    expect((await to.messages.search('confidential')).items).toHaveLength(1)
  })

  test('an import that was cut off anywhere goes on, and ends in the same', async () => {
    const lines = await exportLines(await usedStore())
    const to = await source(place)
    const text = `${lines.join('\n')}\n`
    for (const share of [0.3, 0.6, 0.9]) {
      const cut = importRecords(to, streamOf(Buffer.from(text).subarray(0, Math.floor(text.length * share))))
      await expect(cut).rejects.toThrow(/was cut off; (nothing was|\d+ records were) stored/)
    }
    const last = await importRecords(to, streamOf(text))
    expect(last.stored).toBeGreaterThan(0)
    expect(last.unchanged).toBeGreaterThan(0)
    expect((await exportLines(to)).slice(1, -1)).toEqual(lines.slice(1, -1))
  })

  test('random organisations come back as they were', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(organisation, async (made) => {
        const from = await opened(await freshUrl(place))
        await fill(from, made)
        const text = await exportText(from)
        const to = await source('sqlite')
        await importRecords(to, streamOf(gzipSync(text), 100))
        const back = await source(place)
        await importRecords(back, streamOf(await exportText(to)))
        expect(await recordLinesOf(back)).toEqual(text.trimEnd().split('\n').slice(1, -1))
        await Promise.all([from.close(), to.close(), back.close()])
      }),
      { numRuns: place === 'sqlite' ? 15 : 4 },
    )
  })

  test('U7: a line that refers to what is not there is told with its number, and the field that does', async () => {
    const lines = await exportLines(await usedStore())
    const [header = ''] = lines
    const records = lines.slice(1, -1)
    const missing = records.findIndex((line) => line.includes('"name":"local/first"'))
    const left = records.filter((_, index) => index !== missing)
    const to = await source(place)
    const report = await importRecords(to, streamOf(sealed(header, left)), { onError: 'skip' })
    const plans = left.filter((line) => line.startsWith('{"type":"plan"')).length
    // The second root stays; everything of the first one's tree has lost its root.
    expect(report.byType.plan).toEqual({ stored: 1, unchanged: 0, failed: plans - 1 })
    expect(report.byType.task).toMatchObject({ stored: 1, failed: 1 })
    expect(report.errors).toHaveLength(plans)
    for (const { line, type, message } of report.errors) {
      expect(left[line - 2]).toContain(`{"type":"${type}"`)
      expect(message).toMatch(
        /^the (plan|task) ".*" cannot be stored: (plans\.(parentPlanId "\w+" or plans\.)?rootPlanId|tasks\.planId) "\w+" names no row of plans: /,
      )
    }
    expect(report.stored + report.failed).toBe(left.length)
    // Once the missing plan is there, the same file gives the rest.
    await importRecords(to, streamOf(sealed(header, records)))
    expect(await recordLinesOf(to)).toEqual(records)
  })

  test('an entry of the trail that stands there twice is stored once', async () => {
    const lines = await exportLines(await usedStore())
    const to = await source(place)
    const [entry = ''] = trailOf(lines).slice(1)
    const twice = lines.slice(1, -1).flatMap((line) => (line === entry ? [line, line] : [line]))
    const report = await importRecords(to, streamOf(sealed(lines[0] ?? '', twice)))
    expect(report).toMatchObject({ stored: twice.length - 1, unchanged: 1, failed: 0, intact: true })
    expect(await to.audit.verify()).toMatchObject({ ok: true })
  })

  test('nothing behind a break of the trail is stored, and what was before it is counted', async () => {
    const lines = await exportLines(await usedStore())
    const to = await source(place)
    const [, second = ''] = trailOf(lines)
    const broken = lines.slice(1, -1).filter((line) => line !== second)
    for (const onError of ['stop', 'skip'] as const) {
      const refused = await importRecords(to, streamOf(sealed(lines[0] ?? '', broken)), { onError }).catch(
        (error: unknown) => error,
      )
      expect(refused).toBeInstanceOf(TransferError)
      const { message, transferred } = refused as TransferError
      expect(message).toContain('such a line cannot be skipped')
      expect(transferred.stored + transferred.unchanged).toBe((await recordLinesOf(to)).length)
      expect(await to.audit.count()).toBe(1)
    }
    const packed = gzipSync(sealed(lines[0] ?? '', broken))
    const cut = importRecords(to, streamOf(packed.subarray(0, -9)), { onError: 'skip' })
    await expect(cut).rejects.toBeInstanceOf(TransferError)
    expect(await importRecords(to, streamOf(lines.join('\n')))).toMatchObject({ failed: 0, intact: true })
    expect(await to.audit.verify()).toMatchObject({ ok: true })
  })

  test('the trail of another store is not merged with its own', async () => {
    const lines = await exportLines(await usedStore())
    const to = await source(place)
    await to.as('somebody').audit.append({ action: 'tool:call', subjectType: 'tool' })
    const before = await to.audit.query()
    const refused = await importRecords(to, streamOf(lines.join('\n')), { onError: 'skip' }).catch(
      (error: unknown) => error,
    )
    expect(refused).toBeInstanceOf(TransferError)
    const { message, line } = refused as TransferError
    expect(lines[(line ?? 0) - 1]).toContain('"type":"audit_entry"')
    expect(message).toContain('does not continue the trail of this store: trails cannot be merged')
    expect((await to.audit.query()).items).toEqual(before.items)
  })
})

describe('an export', () => {
  test('is one view of the store, whatever is written meanwhile', async () => {
    const store = await usedStore()
    const before = await recordLinesOf(store)
    const pieces = exportRecords(store)
    const texts: string[] = []
    for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) {
      texts.push(Buffer.from(piece.value).toString())
      await store.as('late').messages.append({
        sender: 'late',
        to: 'all',
        channel: 'deck',
        type: 'announcement',
        content: 'too late',
      })
    }
    expect(texts.join('').trimEnd().split('\n').slice(1, -1)).toEqual(before)
    expect(await store.messages.count()).toBe(1 + texts.length)
  })

  test('gives what it wrote: counts, checksums and bytes are those of the last line', async () => {
    const store = await usedStore()
    const pieces = exportRecords(store)
    let text = ''
    let piece = await pieces.next()
    for (; !piece.done; piece = await pieces.next()) text += Buffer.from(piece.value).toString()
    const { bytes, durationMs, ...sums } = piece.value
    expect({ type: 'trailer', ...sums }).toEqual(JSON.parse(text.trimEnd().split('\n').at(-1) ?? ''))
    expect(bytes).toBe(Buffer.byteLength(text))
    expect(durationMs).toBeGreaterThan(0)
  })

  test('of some kinds has those alone, and says so', async () => {
    const pieces: Uint8Array[] = []
    const progress: string[] = []
    const options = {
      types: ['message', 'task'] as const,
      progress: ({ type, records, total }: { type: string; records: number; total: number }) =>
        progress.push(`${type} ${records}/${total}`),
    }
    for await (const piece of exportRecords(await usedStore(), options)) pieces.push(piece)
    const lines = Buffer.concat(pieces).toString().trimEnd().split('\n')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ types: ['task', 'message'] })
    expect(lines.slice(1, -1).map((line) => JSON.parse(line).type)).toEqual(['task', 'task', 'message'])
    expect(JSON.parse(lines.at(-1) ?? '').counts).toEqual({ task: 2, message: 1 })
    expect(progress).toEqual(['task 2/3', 'message 3/3'])
  })

  test('of an empty store is a header and a trailer, and imports as nothing', async () => {
    const lines = await exportLines(await source())
    expect(lines).toHaveLength(2)
    const report = await importRecords(await source(), streamOf(lines.join('\n')))
    expect(report).toMatchObject({ records: 0, stored: 0, unchanged: 0, failed: 0, byType: {} })
  })

  test('keeps what migrations set aside, so that going down puts it back on the other store too', async () => {
    const path = scratchFile()
    makeAncestor(path, {
      operations: true,
      afterwards: ["UPDATE tasks SET reviewers = '[' WHERE rowid <= 3"],
    })
    const from = await opened(`sqlite:${path}`)
    const lines = await exportLines(from)
    expect(lines.some((line) => line.startsWith('{"type":"finding"'))).toBe(true)
    const to = await source()
    await importRecords(to, streamOf(lines.join('\n')))
    expect((await to.findings({ limit: 1000 })).items).toEqual((await from.findings({ limit: 1000 })).items)
    expect(await recordLinesOf(to)).toEqual(lines.slice(1, -1))
    // Findings have no ids: what is there is known by its content.
    expect((await importRecords(to, streamOf(lines.join('\n')))).unchanged).toBe(lines.length - 2)
  })

  test('of rows that cannot be read carries them over byte for byte', async () => {
    const path = scratchFile()
    await makeOrganisation(path)
    damage(
      path,
      "UPDATE tasks SET status = 'lost', created_at = 'yesterday', max_retries = 'many' WHERE id = 'idle'",
      "UPDATE tasks SET metadata = x'00ff', budget_limit = -5 WHERE id = 'busy'",
    )
    damageUnseen(path, 'plans', 'UPDATE plans SET effective_profile_snapshot = \'{"name": 1}\'')
    const from = await opened(`sqlite:${path}`)
    const lines = await recordLinesOf(from)
    const to = await source()
    await importRecords(to, streamOf(await exportText(from)))
    expect(await recordLinesOf(to)).toEqual(lines)
    expect(lines.filter((line) => line.includes('"stored":')).length).toBeGreaterThanOrEqual(6)
  })

  test('ends when it is told to, and gives everything back', async () => {
    const store = await usedStore()
    const stop = new AbortController()
    const reason = new Error('enough')
    const pieces = exportRecords(store, { signal: stop.signal })
    await pieces.next()
    stop.abort(reason)
    await expect(pieces.next()).rejects.toBe(reason)
    // A reader that goes away leaves nothing open either.
    for await (const _ of exportRecords(store)) break
    expect(await recordLinesOf(store)).not.toHaveLength(0)
  })

  test('needs an open store at this version', async () => {
    const closed = await source()
    await closed.close()
    await expect(exportText(closed)).rejects.toThrow(PersistenceConnectionError)
    await expect(exportText(await connected(await freshUrl('sqlite')))).rejects.toThrow(MigrationError)
    await expect(importRecords(closed, streamOf(''))).rejects.toThrow(PersistenceConnectionError)
    const empty = await connected(await freshUrl('sqlite'))
    await expect(importRecords(empty, streamOf(''))).rejects.toThrow(MigrationError)
  })
})

describe('an import', () => {
  test('tells nobody of single records, and everybody of itself', async () => {
    const from = await usedStore()
    const told: [string, object][] = []
    from.on('persistence.transfer.exported', (payload) => told.push(['exported', payload]))
    const lines = await exportLines(from)
    const to = await source()
    for (const name of [
      'persistence.plan.created',
      'persistence.task.created',
      'persistence.audit.appended',
    ] as const)
      to.on(name, (payload) => told.push([name, payload]))
    to.on('persistence.transfer.imported', (payload) => told.push(['imported', payload]))
    await importRecords(to, streamOf(lines.join('\n')))
    const records = lines.length - 2
    const durationMs = expect.any(Number)
    expect(told).toEqual([
      ['exported', { records, bytes: expect.any(Number), durationMs }],
      ['imported', { records, stored: records, unchanged: 0, failed: 0, durationMs }],
    ])
  })

  test('that is dry says what is wrong, and stores nothing', async () => {
    const lines = await exportLines(await usedStore())
    const to = await source()
    const options = { dryRun: true, onError: 'skip' } as const
    expect(await importRecords(to, streamOf(lines.join('\n')), options)).toMatchObject({
      records: lines.length - 2,
      stored: 0,
      failed: 0,
    })
    const bad = lines.slice(1, -1).map((line) => line.replace('"channel":"deck"', '"channel":""'))
    const report = await importRecords(to, streamOf(sealed(lines[0] ?? '', bad)), options)
    expect(report.errors).toEqual([
      {
        line: 2 + bad.findIndex((line) => line.includes('"channel":""')),
        type: 'message',
        message: 'record.channel must not be blank',
      },
    ])
    expect(await to.tasks.count()).toBe(0)
  })

  test('ends after a set when it is told to, and goes on from there', async () => {
    const lines = await exportLines(await usedStore())
    const to = await source()
    const stop = new AbortController()
    const reason = new Error('enough')
    const options = { signal: stop.signal, progress: () => stop.abort(reason) }
    await expect(importRecords(to, streamOf(lines.join('\n'), 3000), options)).rejects.toBe(reason)
    await expect(importRecords(to, streamOf(lines.join('\n')), options)).rejects.toBe(reason)
    await importRecords(to, streamOf(lines.join('\n')))
    expect(await recordLinesOf(to)).toEqual(lines.slice(1, -1))
  })

  test('into a store with records of its own leaves those alone', async () => {
    const from = await usedStore()
    const to = await source()
    await to.costRecords.append({
      agentId: 'mine',
      provider: 'none',
      model: 'small',
      inputTokens: 1,
      outputTokens: 1,
      cost: '1',
    })
    const own = await to.costRecords.query()
    await importRecords(to, streamOf(await exportText(from)))
    expect((await to.costRecords.query({ agentId: 'mine' })).items).toEqual(own.items)
    expect(await to.costRecords.count()).toBe(1 + (await from.costRecords.count()))
  })
})
