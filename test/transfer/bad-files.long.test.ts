// Files that are not what an export writes: each is told apart by what is wrong with it, where, and
// what to do; what was stored before stays, nothing of the file is repeated in a message, and the
// right file mends it all.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ImportOptions, importRecords, openStore, type Store, TransferError } from '../../src/index.ts'
import { FORMAT_VERSION } from '../../src/transfer/rows/file-format.ts'
import { makeOrganisation } from '../support/organisation.ts'
import { exportLines, recordLinesOf, sealed, streamOf } from '../support/transfer/files.ts'
import { source } from '../support/transfer/places.ts'

let lines: readonly string[]
let header: string
let records: readonly string[]
let whole: string

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'purser-test-'))
  try {
    await makeOrganisation(join(folder, 'purser.db'))
    await using store = await openStore(`sqlite:${join(folder, 'purser.db')}`)
    lines = await exportLines(store)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  header = lines[0] ?? ''
  records = lines.slice(1, -1)
  whole = `${lines.join('\n')}\n`
})

async function refused(
  file: string | Uint8Array,
  options: ImportOptions = {},
): Promise<{ error: TransferError; store: Store }> {
  const store = await source()
  try {
    await importRecords(store, streamOf(file), options)
  } catch (error) {
    expect(error).toBeInstanceOf(TransferError)
    const { message } = error as TransferError
    for (const content of ['confidential', 'local/first', 'agent-1']) expect(message).not.toContain(content)
    return { error: error as TransferError, store }
  }
  throw new Error('the file was accepted')
}

const isEmpty = async (store: Store) => (await recordLinesOf(store)).length === 0
const withHeader = (changes: object) =>
  [JSON.stringify({ ...JSON.parse(header), ...changes }), ...lines.slice(1)].join('\n')

describe('a file that is none is refused before anything is written', () => {
  test.each<[string, () => string | Uint8Array, RegExp]>([
    ['an empty one', () => '', /^line 1 is missing: the file is empty; nothing was stored/],
    ['one of another program', () => '{"type":"header","format":"other"}\n', /^line 1 is no header/],
    [
      'one without its beginning',
      () => lines.slice(1).join('\n'),
      /^line 1 is no header: .* its beginning is missing/,
    ],
    ['text', () => 'Nothing but text.\n', /^line 1 is no header/],
    ['a database', () => Buffer.from('SQLite format 3\0\xff\xfe\n', 'latin1'), /^line 1 is not UTF-8 text/],
    [
      'half a header',
      () => header.slice(0, 40),
      /^the file ends in the middle of line 1: it was cut off; nothing was stored/,
    ],
    [
      'a newer format',
      () => withHeader({ formatVersion: FORMAT_VERSION + 1, purserVersion: '9.1.0' }),
      /a newer Purser 9\.1\.0 wrote the file: it has format 5, and this build reads up to 4 .*; install that version or a later one/,
    ],
    [
      'a newer schema',
      () => withHeader({ schemaVersion: 999 }),
      /it has version 999 of the schema, and this build knows up to \d+/,
    ],
    [
      'a version that is none',
      () => withHeader({ formatVersion: '1' }),
      /^line 1 formatVersion must be a whole number/,
    ],
    [
      'a schema that is none',
      () => withHeader({ schemaVersion: -1 }),
      /^line 1 schemaVersion must be a whole number/,
    ],
  ])('%s', async (_, file, text) => {
    const { error, store } = await refused(file(), { onError: 'skip' })
    expect(error.message).toMatch(text)
    expect(error.transferred).toEqual({ stored: 0, unchanged: 0, failed: 0 })
    expect(await isEmpty(store)).toBe(true)
  })

  test('whatever its version says it is called', async () => {
    const { error } = await refused(
      withHeader({ formatVersion: FORMAT_VERSION + 1, purserVersion: 'confidential text' }),
    )
    expect(error.message).toMatch(/a newer Purser wrote the file/)
  })
})

describe('a file that is not whole', () => {
  test('cut off in the middle of a line', async () => {
    const { error, store } = await refused(Buffer.from(whole).subarray(0, Math.floor(whole.length / 2)))
    expect(error.message).toMatch(
      /^the file ends in the middle of line \d+: it was cut off; \d+ records were stored and stay\. Get the whole file, then import it again: it goes on from there$/,
    )
    expect(await recordLinesOf(store)).toEqual(records.slice(0, (error.line ?? 0) - 2))
    expect(error.transferred.stored).toBe((error.line ?? 0) - 2)
  })

  test('cut off after a line, also where lines are skipped', async () => {
    const file = `${lines.slice(0, 5).join('\n')}\n`
    for (const onError of ['stop', 'skip'] as const) {
      const { error, store } = await refused(file, { onError })
      expect(error.message).toMatch(
        /^the file ends after line 5 without its trailer: it was cut off; 4 records were stored/,
      )
      expect(await recordLinesOf(store)).toEqual(records.slice(0, 4))
    }
  })

  test('compressed, and cut off or damaged', async () => {
    const packed = gzipSync(whole)
    const cut = await refused(packed.subarray(0, packed.length - 20))
    expect(cut.error.message).toMatch(/^the compressed file ends too early: it was cut off, after line \d+/)
    const damaged = Buffer.from(packed)
    damaged.fill(0x55, Math.floor(packed.length / 2), Math.floor(packed.length / 2) + 40)
    const { error } = await refused(damaged)
    expect(error.message).toMatch(/^the compressed file (is damaged \(Z_|ends too early)|^line \d+: is not/)
    const { error: sum } = await refused(Buffer.concat([packed.subarray(0, -8), Buffer.alloc(8)]))
    expect(sum.message).toMatch(/^the compressed file is damaged \(Z_DATA_ERROR\)/)
  })

  test('changed, so that its checksum is wrong', async () => {
    const file = whole.replace('"channel":"deck"', '"channel":"peck"')
    const { error, store } = await refused(file)
    expect(error.message).toMatch(
      /^the file is not as it was written: the checksum of the records is not the one in the trailer; \d+ records were stored and stay/,
    )
    expect(error.line).toBe(lines.length)
    expect(await recordLinesOf(store)).toHaveLength(records.length)
  })

  test('with a line too few, too many, or of another kind than the trailer says', async () => {
    const few = await refused([...lines.slice(0, -2), lines.at(-1)].join('\n'))
    expect(few.error.message).toMatch(/: it has \d+ records, and the trailer says \d+;/)
    const trailer = JSON.parse(lines.at(-1) ?? '')
    const counts = { ...trailer.counts, task: 1, plan: trailer.counts.plan + 1 }
    const other = await refused([...lines.slice(0, -1), JSON.stringify({ ...trailer, counts })].join('\n'))
    expect(other.error.message).toMatch(/: it has \d+ of the kind plan, and the trailer says \d+;/)
  })

  test('with a trailer that is none, or something behind it', async () => {
    const trailer = JSON.parse(lines.at(-1) ?? '')
    const end = (changes: object) =>
      [...lines.slice(0, -1), JSON.stringify({ ...trailer, ...changes })].join('\n')
    expect((await refused(end({ records: -1 }))).error.message).toMatch(
      /the trailer: records must be a whole number/,
    )
    expect((await refused(end({ counts: [1] }))).error.message).toMatch(
      /the trailer: counts must be an object/,
    )
    expect((await refused(end({ sha256: 'x' }))).error.message).toMatch(/the trailer: sha256 must be 64 hexa/)
    const { error } = await refused(whole + whole)
    expect(error.message).toContain(
      `line ${lines.length + 1} stands behind the trailer in line ${lines.length}, which is a file's last: several files were joined`,
    )
  })
})

describe('a bad line', () => {
  const at = 6
  const file = (line: string) => sealed(header, [...records.slice(0, at - 2), line, ...records.slice(at - 2)])
  const cases: readonly (readonly [string, () => string, RegExp])[] = [
    ['no JSON', () => '{"type":"task",', /^line 6: is not JSON/],
    ['an empty one', () => '', /^line 6: is not JSON/],
    ['no record', () => '[1]', /^line 6: is no record/],
    [
      'an unknown type',
      () => '{"type":"recipe","record":{}}',
      /^line 6: has a type that is none of the records' \(action, /,
    ],
    ['a second header', () => header, /^line 6: has a type that is none/],
    [
      'an unknown field',
      () => (records[0] ?? '').replace('"name":', '"confidential":1,"name":'),
      /^line 6: record\.confidential is no field/,
    ],
    [
      'a missing field',
      () => (records[0] ?? '').replace(/"metadata":\{\},/, ''),
      /^line 6: record\.metadata is required/,
    ],
    [
      'an unknown column',
      () => (records[0] ?? '').replace(/\}$/, ',"stored":{"colour":"red"}}'),
      /^line 6: stored\.colour is no column/,
    ],
    [
      'a time that is none',
      () => (records[0] ?? '').replace(/"createdAt":"[^"]+"/, '"createdAt":"soon"'),
      /^line 6: record\.createdAt must be/,
    ],
    [
      'another record with an id that is there',
      () => (records[0] ?? '').replace('"version":1', '"version":2'),
      /^line 6: the action ".*": one with the same name is there already and differs; that one was left as it is/,
    ],
  ]

  test.each(cases)('ends the import: %s', async (_, line, text) => {
    const store = await source()
    const error = await importRecords(store, streamOf(file(line()))).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TransferError)
    const { message, line: number, transferred } = error as TransferError
    expect(message).toMatch(text)
    expect(message).toContain('Skip such lines, or mend the record where it comes from and export again')
    expect(number).toBe(at)
    expect(transferred.stored).toBeGreaterThanOrEqual(at - 2)
    expect((await recordLinesOf(store)).slice(0, at - 2)).toEqual(records.slice(0, at - 2))
    // The file as it should be gives the rest.
    await importRecords(store, streamOf(whole))
    expect(await recordLinesOf(store)).toEqual(records)
  })

  test.each(cases)('can be left out: %s', async (_, line, text) => {
    const store = await source()
    const report = await importRecords(store, streamOf(file(line())), { onError: 'skip' })
    expect(report).toMatchObject({ failed: 1, stored: records.length, records: records.length + 1 })
    const [{ line: number, message } = { line: 0, message: '' }] = report.errors
    expect(`line ${number}: ${message}`).toMatch(text)
    expect(await recordLinesOf(store)).toEqual(records)
  })

  test('that repeats one of the file is nothing new', async () => {
    const store = await source()
    const report = await importRecords(store, streamOf(file(records[0] ?? '')))
    expect(report).toMatchObject({ stored: records.length, unchanged: 1, failed: 0 })
  })

  test('that is not UTF-8', async () => {
    const bad = Buffer.from(whole)
    const place = bad.indexOf('"channel":"deck"') + 12
    bad[place] = 0xff
    const line = whole.slice(0, whole.indexOf('"channel":"deck"')).split('\n').length
    const { error, store } = await refused(bad)
    expect(error.message).toMatch(
      new RegExp(`^line ${line}: is not UTF-8 text; ${line - 2} records were stored`),
    )
    expect(await recordLinesOf(store)).toEqual(records.slice(0, line - 2))
    // What a line that was left out did to the checksum is known.
    const report = await importRecords(store, streamOf(bad), { onError: 'skip' })
    expect(report.errors).toEqual([{ line, type: null, message: 'is not UTF-8 text' }])
  })

  test('of more bytes than a line may have is not held', async () => {
    const megabyte = Buffer.alloc(1_048_576, 'x')
    async function* huge(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${header}\n`)
      for (let count = 0; count < 100; count += 1) yield megabyte
      yield Buffer.from(`\n${records.join('\n')}\n${sealed(header, records).trimEnd().split('\n').at(-1)}\n`)
    }
    const store = await source()
    const before = process.memoryUsage()
    const peak = { external: 0 }
    const progress = () => {
      peak.external = Math.max(peak.external, process.memoryUsage().external - before.external)
    }
    const report = await importRecords(store, huge(), { onError: 'skip', maxLineBytes: 8_388_608, progress })
    expect(report.errors).toEqual([
      { line: 2, type: null, message: 'is longer than 8388608 bytes, the most a line may have' },
    ])
    expect(report.stored).toBe(records.length)
    expect(peak.external).toBeLessThan(40_000_000)
    await expect(importRecords(await source(), huge())).rejects.toThrow(
      /^line 2: is longer than 67108864 bytes, the most a line may have; nothing was stored/,
    )
  })

  test('many of them are counted, and the first hundred are told', async () => {
    const store = await source()
    const bad = Array.from({ length: 150 }, () => '{}')
    const report = await importRecords(store, streamOf(sealed(header, bad)), { onError: 'skip' })
    expect(report.failed).toBe(150)
    expect(report.errors).toHaveLength(100)
  })
})

test('no line that Purser can write is too long to be read', async () => {
  const store = await source()
  // A control character takes six bytes as JSON, and a text may have 1 MiB of them.
  const worst = '\u0001'.repeat(1_048_575)
  const plan = await store.plans.create({
    name: 'local/worst',
    actionName: 'local/any',
    description: worst,
    definitionOfDone: worst,
    metadata: { text: 'x'.repeat(1_000_000) },
  })
  await store.plans.cancel(plan.planId, worst, { version: plan.version })
  const file = await exportLines(store)
  expect(Math.max(...file.map((line) => line.length))).toBeGreaterThan(8_388_608)
  const other = await source()
  await importRecords(other, streamOf(file.join('\n'), 1_000_000))
  expect(await recordLinesOf(other)).toEqual(file.slice(1, -1))
})
