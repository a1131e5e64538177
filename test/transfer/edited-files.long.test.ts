// P4: what editors and transfers do to a file of records without changing a record. A byte-order
// mark before it and blank lines behind it are passed over, wherever pieces of the stream end;
// changed line ends are named before anything is stored.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { importRecords, openStore, type Store, TransferError } from '../../src/index.ts'
import { makeOrganisation } from '../support/organisation.ts'
import { exportText, recordLinesOf, sealed, streamOf } from '../support/transfer/files.ts'
import { source } from '../support/transfer/places.ts'

let whole: string
let lines: readonly string[]
let records: readonly string[]

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'purser-test-'))
  try {
    await makeOrganisation(join(folder, 'purser.db'))
    await using store = await openStore(`sqlite:${join(folder, 'purser.db')}`)
    whole = await exportText(store)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  lines = whole.trimEnd().split('\n')
  records = lines.slice(1, -1)
})

const MARK = '\ufeff'
/** Pieces of a stream that end everywhere, and one of all. */
const pieces = [1, 7, 1000, 10_000_000]

async function stopped(file: string, options = {}): Promise<{ error: TransferError; store: Store }> {
  const store = await source()
  const error = await importRecords(store, streamOf(file), options).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(TransferError)
  return { error: error as TransferError, store }
}

describe('P4: a file that differs only around its records is imported whole', () => {
  test.each<[string, (text: string) => string]>([
    ['a blank line at the end', (text) => `${text}\n`],
    ['many blank lines at the end', (text) => `${text}${'\n'.repeat(5000)}`],
    ['blank lines of spaces, tabs and carriage returns', (text) => `${text}  \n\t\n\r\n\n`],
    ['a last blank line without an end', (text) => `${text}\n   `],
    ['no line end at all', (text) => text.trimEnd()],
    ['a byte-order mark at the beginning', (text) => MARK + text],
    ['a mark, and blank lines', (text) => `${MARK}${text}\n\n`],
  ])(
    'P4: %s',
    async (_, edited) => {
      const file = edited(whole)
      for (const size of pieces) {
        const store = await source()
        const report = await importRecords(store, streamOf(file, size))
        expect(report).toMatchObject({ stored: records.length, failed: 0, intact: true })
        expect(await recordLinesOf(store)).toEqual(records)
      }
      const store = await source()
      const report = await importRecords(store, streamOf(gzipSync(file)), { dryRun: true })
      expect(report).toMatchObject({ records: records.length, failed: 0, intact: true })
    },
    60_000,
  )

  test('P4: the sums are checked as before', async () => {
    const changed = whole.replace('"channel":"deck"', '"channel":"peck"')
    const { error } = await stopped(`${MARK}${changed}\n\n`)
    expect(error.message).toMatch(/the checksum of the records is not the one in the trailer/)
  })
})

describe('P4: what is no edit of that kind is refused', () => {
  test('P4: a second file behind blank lines', async () => {
    const { error } = await stopped(`${whole}\n\n${whole}`)
    expect(error.line).toBe(lines.length + 3)
    expect(error.message).toContain('several files were joined')
  })

  test('P4: a blank line among the records, and a mark that is not at the beginning', async () => {
    const [header = ''] = lines
    const blank = await stopped(sealed(header, ['', ...records]))
    expect(blank.error.message).toMatch(/^line 2: is not JSON/)
    const marked = await stopped(sealed(header, [MARK + records[0], ...records.slice(1)]))
    expect(marked.error.message).toMatch(/^line 2: is not JSON/)
  })

  test.each([1, 1000, 10_000_000])(
    'P4: CRLF is named before anything is stored, in pieces of %i bytes',
    async (size) => {
      for (const onError of ['stop', 'skip'] as const) {
        for (const file of [whole.replaceAll('\n', '\r\n'), MARK + whole.replaceAll('\n', '\r\n')]) {
          const store = await source()
          const thrown = importRecords(store, streamOf(file, size), { onError })
          const error = (await thrown.catch((reason: unknown) => reason)) as TransferError
          expect(error).toBeInstanceOf(TransferError)
          expect(error.message).toMatch(
            /^line 2 ends in CRLF: .*; nothing was stored\. Turn its line ends back/,
          )
          expect([error.line, error.transferred.stored]).toEqual([2, 0])
          expect(await recordLinesOf(store)).toEqual([])
        }
      }
    },
  )

  test('P4: CRLF from the middle on is named with its line, and the whole file gives the rest', async () => {
    const mixed = lines.map((line, index) => (index < 5 ? `${line}\n` : `${line}\r\n`)).join('')
    const { error, store } = await stopped(mixed)
    expect(error.message).toMatch(/^line 6 ends in CRLF: .*; 4 records were stored and stay/)
    expect(await recordLinesOf(store)).toEqual(records.slice(0, 4))
    await importRecords(store, streamOf(whole))
    expect(await recordLinesOf(store)).toEqual(records)
  })
})
