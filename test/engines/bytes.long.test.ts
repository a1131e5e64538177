// Bytes in a column: every engine keeps them as they are, up to 16 MiB, in inserts and changes of
// one row or many, and their line is the same on each of them.

import { describe, expect, test } from 'vitest'
import type { Engine, Row } from '../../src/engines/contract/engine.ts'
import { createSqliteEngine } from '../../src/engines/sqlite/index.ts'
import { compareSchemas } from '../../src/migrations/drift.ts'
import { createCodec } from '../../src/records/model/record-codec.ts'
import { MAX_BYTES } from '../../src/records/model/rules.ts'
import { recordKindsOf } from '../../src/transfer/rows/record-kind.ts'
import { createLineCodec } from '../../src/transfer/rows/record-line.ts'
import { describeOnServers, engineAt } from '../support/engines/servers.ts'
import { attachmentDefinition as definition } from '../support/records/attachments/definition.ts'
import { attachmentsOn } from '../support/records/attachments/table.ts'
import { scratchFile } from '../support/scratch.ts'

const { shape } = definition
const [kind] = recordKindsOf([definition])
if (kind === undefined) throw new TypeError('a list of one definition has one kind')

/** Every byte there is, and sequences that are no text in any encoding. */
const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index)
const notText = Uint8Array.of(0xff, 0xfe, 0x00, 0xc3, 0x28, 0x5c, 0x27, 0x22, 0x1a, 0x0a)

/** @param largest what the place takes: a server may be set to less than 16 MiB and a row */
function suite(open: () => Promise<Engine>, largest = MAX_BYTES): void {
  const withTable = async () => attachmentsOn(await open())

  test('bytes come back as they were written, by inserts and by changes of one row and of many', async () => {
    const { engine, insert, change, read } = await withTable()
    expect(await engine.writeSet([insert('a', everyByte)])).toEqual([{ kind: 'stored' }])
    await engine.writeSet([
      insert('b', notText),
      insert('c', Uint8Array.of(0)),
      insert('d', Uint8Array.of(32)),
    ])
    expect((await read()).map(({ content }) => content)).toEqual([
      everyByte,
      notText,
      Uint8Array.of(0),
      Uint8Array.of(32),
    ])
    await engine.writeSet([change('a', { preview: notText })])
    await engine.writeSet([change('b', { content: everyByte }), change('c', { content: notText })])
    expect((await read()).map(({ content, preview, version }) => [content, preview, version])).toEqual([
      [everyByte, notText, 2],
      [everyByte, null, 2],
      [notText, null, 2],
      [Uint8Array.of(32), null, 1],
    ])
  })

  test('what is read is an array of its own: changing it changes no other record', async () => {
    const { engine, insert, rows, codec } = await withTable()
    await engine.writeSet([insert('a', everyByte)])
    const [row] = (await rows()) as [Row]
    const [one, other] = [codec.decode(row), codec.decode(row)]
    one.content.fill(7)
    expect(other.content).toEqual(everyByte)
    expect(Object.getPrototypeOf(other.content)).toBe(Uint8Array.prototype)
  })

  test(`${largest} bytes are kept, several of them in one set`, async () => {
    const { engine, insert, rows, codec } = await withTable()
    const large = new Uint8Array(largest).map((_, index) => (index * 31 + (index >> 8)) % 256)
    const set = ['a', 'b', 'c'].map((id) => insert(id, large))
    expect(await engine.writeSet(set)).toEqual(set.map(() => ({ kind: 'stored' })))
    for (const row of await rows()) expect(Buffer.compare(codec.decode(row).content, large)).toBe(0)
  })

  test('the schema has no drift, and a line is the same on every engine', async () => {
    const { engine, insert, rows } = await withTable()
    const expected = await engine.schema.expected(definition.layouts)
    expect(compareSchemas(expected, await engine.schema.introspect())).toEqual([])
    await engine.writeSet([insert('a', notText)])
    const lines = createLineCodec(kind as NonNullable<typeof kind>, engine.codec)
    const [row] = (await rows()) as [Row]
    const line = lines.toLine(row)
    expect(line).toBe(
      '{"type":"attachment","record":{"id":"a","title":"T","content":"//4AwyhcJyIaCg==","preview":null,"version":1}}',
    )
    expect(await engine.writeSet([{ kind: 'delete', shape, key: 'a' }])).toEqual([
      { kind: 'deleted', count: 1 },
    ])
    await engine.writeSet([{ kind: 'insert', shape, row: lines.toRow(JSON.parse(line)) }])
    expect(lines.toLine(((await rows()) as [Row])[0])).toBe(line)
  })

  test('bytes that no caller may give travel as they are stored', async () => {
    const { engine, insert, rows } = await withTable()
    await engine.writeSet([insert('a', new Uint8Array())])
    const lines = createLineCodec(kind as NonNullable<typeof kind>, engine.codec)
    const line = lines.toLine(((await rows()) as [Row])[0])
    expect(line).toContain('"stored":{"content":{"blob":""}}')
    expect(lines.toLine(lines.toRow(JSON.parse(line)))).toBe(line)
  })
}

describe('bytes on SQLite', () => {
  const engineOn = (path: string) =>
    createSqliteEngine({
      path,
      journal: 'wal',
      synchronous: 'full',
      busyTimeout: 5000,
      journalSizeLimit: 1_000_000,
    } as Parameters<typeof createSqliteEngine>[0])

  describe('in a file', () => suite(async () => engineOn(scratchFile())))
  describe('in memory', () => suite(async () => engineOn(':memory:')))

  test('a text in a column of bytes cannot be read, and travels as the text that it is', async () => {
    const { engine } = await attachmentsOn(engineOn(scratchFile()))
    await engine.writeSet([{ kind: 'insert', shape, row: ['a', 'T', 'text', 'more text', 1] }])
    const [row] = (await engine.read({
      sql: 'SELECT id, title, content, preview, version FROM attachments',
      parameters: [],
    })) as [Row]
    const decoded = createCodec(definition, engine.codec, () => undefined).decode(row)
    expect(decoded).toMatchObject({ content: new Uint8Array(), preview: null })
    expect(decoded.unreadable).toEqual(['content', 'preview'])
    const lines = createLineCodec(kind as NonNullable<typeof kind>, engine.codec)
    const line = lines.toLine(row)
    expect(line).toContain('"stored":{"content":"text","preview":"more text"}')
    expect(lines.toRow(JSON.parse(line))).toEqual(
      row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell)),
    )
  })
})

/** MariaDB takes 16 MiB at once unless it is set to more; mariadb-limits.long.test.ts has both. */
const BESIDES = 65_536

describeOnServers('bytes', (places) => {
  suite(
    async () => engineAt(places.engine, places.urlOf(await places.create())),
    places.engine === 'mariadb' ? MAX_BYTES - BESIDES : MAX_BYTES,
  )
})
