// Lines of rows: whatever cells a row has, its line gives the same cells back, and equal content
// has one line on every engine.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ValueCodec, WireValue } from '../../src/engines/contract/engine.ts'
import { codec as mariadb } from '../../src/engines/mariadb/codec.ts'
import { codec as postgres } from '../../src/engines/postgres/codec.ts'
import { codec as sqlite } from '../../src/engines/sqlite/codec.ts'
import type { Column } from '../../src/records/model/define-record.ts'
import { LineError } from '../../src/transfer/import/line-error.ts'
import { type RecordKind, recordKinds } from '../../src/transfer/rows/record-kind.ts'
import { createLineCodec } from '../../src/transfer/rows/record-line.ts'
import { anyText, bytes, json, time } from '../support/any-value.ts'

/**
 * What a column may hold: first of all what Purser writes there, then what comes close to it, then
 * anything.
 */
function cellOf({ spec, kind, name }: Column): fc.Arbitrary<WireValue> {
  const word = spec.values
    ? fc.constantFrom(...spec.values)
    : fc.constantFrom('agent-1', 'local/build', 'a b')
  const ulid = fc.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/)
  const whole = fc.oneof(
    fc.bigInt({ min: 0n, max: 3n }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  )
  const instant = fc
    .date({
      min: new Date('1000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString())
  const usual: Record<Column['kind'], fc.Arbitrary<WireValue>> = {
    text: fc.oneof(word, ulid, fc.constant('USD'), fc.constant('f'.repeat(64)), anyText),
    integer: whole,
    boolean: fc.bigInt({ min: 0n, max: 1n }),
    money: whole,
    instant: fc.oneof(instant, time.filter((value) => typeof value === 'string') as fc.Arbitrary<string>),
    json: fc.oneof(
      usualJson(name),
      json.filter((value) => typeof value === 'string') as fc.Arbitrary<string>,
    ),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }
  const anything = fc.oneof(
    anyText,
    whole,
    fc.double({ noNaN: true }),
    bytes,
    fc.constant(null),
  ) as fc.Arbitrary<WireValue>
  return fc.oneof(
    {
      weight: 6,
      arbitrary: spec.json ? fc.oneof(usual.json, fc.constant('{}'), fc.constant('null')) : usual[kind],
    },
    { weight: 1, arbitrary: spec.nullable ? fc.constant(null) : usual[kind] },
    { weight: 1, arbitrary: anything },
  )
}

/** Texts of the shapes that columns hold, as Purser writes them and as others did. */
function usualJson(name: string): fc.Arbitrary<string> {
  const spaced = (text: string) => text.replaceAll(',', ', ').replaceAll(':', ': ')
  const shapes: Readonly<Record<string, readonly unknown[]>> = {
    metadata: [
      {},
      { task_id: 't', project_id: null, tokens_used: null, cost_usd: null, extra: [] },
      { task_id: 't', project_id: null, plan_id: 'p', tokens_used: 4, cost_usd: '0.5', extra: [['a', 'b']] },
      { task_id: 't', of_somebody_else: [1, 2] },
    ],
    projects: [[{ name: 'a', alias: null, readOnly: false }], [{ name: 'a' }], [{ alias: 'x', name: 'a' }]],
    arguments: [[{ name: 'a', value: { deep: [1, '2'] } }], [{ name: 'a', value: 1, more: 2 }]],
    parts: [[{ kind: 'text', text: 'hello' }], []],
    details: [null, 1, 'text', { b: 1, a: 2 }, { a: 2, b: 1 }],
  }
  const lists = [[], ['a', 'b'], ['a', 'a'], [1], { list: [] }]
  return fc
    .constantFrom(...(shapes[name] ?? lists))
    .chain((value) => fc.constantFrom(JSON.stringify(value), spaced(JSON.stringify(value))))
}

const rowOf = (kind: RecordKind) =>
  fc.tuple(...kind.definition.columns.map(cellOf)).map((row) => boundRow(kind, row))

/**
 * The cell as the file has it once the driver has bound it: columns of whole numbers turn 5.0 into
 * 5, and bytes come back as the driver gives them.
 */
function bound({ kind }: Column, cell: WireValue): WireValue {
  if (cell instanceof Uint8Array) return Buffer.from(cell)
  const counts = kind === 'integer' || kind === 'boolean' || kind === 'money'
  return counts && typeof cell === 'number' && Number.isInteger(cell) && Math.abs(cell) < 2 ** 63
    ? BigInt(cell)
    : cell
}

function boundRow(kind: RecordKind, row: readonly WireValue[]): readonly WireValue[] {
  return row.map((cell, index) => bound(kind.definition.columns[index] as Column, cell))
}

describe.each(recordKinds.map((kind) => [kind.type, kind] as const))('%s', (_, kind) => {
  const { toLine, toRow } = createLineCodec(kind, sqlite)

  test('any row comes back cell by cell, and has one line', () => {
    fc.assert(
      fc.property(rowOf(kind), (row) => {
        const line = toLine(row)
        expect(line).not.toContain('\n')
        const back = toRow(JSON.parse(line))
        expect(boundRow(kind, back)).toEqual(row)
        expect(toLine(boundRow(kind, back))).toBe(line)
      }),
      { numRuns: 400 },
    )
  })

  test('what the other engines can hold has the same line there, and comes back to the same', () => {
    fc.assert(
      fc.property(rowOf(kind), (row) => {
        const line = toLine(row)
        for (const [codec, asRead] of [
          [postgres, readByPostgres],
          [mariadb, readByMariadb],
        ] as const) {
          const there = createLineCodec(kind, codec)
          let carried: readonly WireValue[]
          try {
            carried = there.toRow(JSON.parse(line))
          } catch (error) {
            // A value of another type than the column's is refused, and nothing else.
            expect(error).toBeInstanceOf(LineError)
            expect((error as LineError).path[0]).toBe('stored')
            continue
          }
          const read = carried.map((cell, index) => asRead(kind.definition.columns[index] as Column, cell))
          expect(there.toLine(read)).toBe(line)
        }
      }),
      { numRuns: 400 },
    )
  })
})

/** A cell as the server gives it back. */
function readByPostgres({ kind }: Column, cell: WireValue): WireValue {
  if (cell === null) return null
  if (kind === 'instant')
    return `${String(cell).slice(0, 10)} ${String(cell)
      .slice(11, -1)
      .replace(/\.?0+$/, '')}+00`
  return kind === 'boolean' ? (cell ? 't' : 'f') : String(cell)
}

function readByMariadb({ kind }: Column, cell: WireValue): WireValue {
  if (cell === null) return null
  if (kind === 'instant') return String(cell).replace(/\.000$/, '')
  if (kind === 'bytes') return cell
  return kind === 'boolean' ? Number(cell) : String(cell)
}

const kindOf = (type: string) => recordKinds.find((kind) => kind.type === type) as RecordKind
const message = kindOf('message')
const at = '2026-01-31T09:30:00.123Z'
const plainMetadata = '{"task_id":null,"project_id":null,"tokens_used":null,"cost_usd":null,"extra":[]}'
const messageRow = (metadata = plainMetadata): WireValue[] => [
  'm-1',
  at,
  'lead',
  'agent-7',
  'parser',
  'delegation',
  'normal',
  'Take the "parser".\n',
  null,
  '[]',
  metadata,
]

describe('the text of a line', () => {
  test('is the record as --json prints it', () => {
    expect(createLineCodec(message, sqlite).toLine(messageRow())).toBe(
      '{"type":"message","record":{"id":"m-1","timestamp":"2026-01-31T09:30:00.123Z","sender":"lead","to":"agent-7",' +
        '"channel":"parser","type":"delegation","priority":"normal","content":"Take the \\"parser\\".\\n","parts":null,' +
        '"attachments":[],"metadata":{"taskId":null,"projectId":null,"planId":null,"tokensUsed":null,"costUsd":null,"extra":[]}}}',
    )
  })

  test('has the stored text beside the record where Purser would write another', () => {
    const { toLine } = createLineCodec(message, sqlite)
    const stored = (line: string) => JSON.parse(line).stored
    const spaced = plainMetadata.replaceAll(',', ', ')
    expect(stored(toLine(messageRow(spaced)))).toEqual({ metadata: spaced })
    expect(stored(toLine(messageRow('{"task_id":"t","theirs":1}')))).toEqual({
      metadata: '{"task_id":"t","theirs":1}',
    })
    const row = messageRow()
    row[6] = 'soon'
    row[7] = Buffer.from([0, 255])
    const line = JSON.parse(toLine(row))
    expect(line.stored).toEqual({ priority: 'soon', content: { blob: '00ff' } })
    expect([line.record.priority, line.record.content]).toEqual([null, ''])
  })

  test('keeps numbers of any size and kind', () => {
    const kind = kindOf('cost_record')
    const { toLine, toRow } = createLineCodec(kind, sqlite)
    const index = (name: string) => kind.shape.columns.indexOf(name)
    const row: WireValue[] = kind.shape.columns.map(() => null)
    row[index('input_tokens')] = 2n ** 63n - 1n
    row[index('output_tokens')] = 1.5
    row[index('cost')] = -5n
    row[index('latency_ms')] = Number.POSITIVE_INFINITY
    row[index('success')] = 7n
    const line = JSON.parse(toLine(row))
    expect(line.stored).toMatchObject({
      input_tokens: { integer: '9223372036854775807' },
      output_tokens: { real: 1.5 },
      cost: { integer: '-5' },
      latency_ms: { real: 'Infinity' },
      success: { integer: '7' },
    })
    expect(line.record.cost).toBe('-0.000000005')
    expect(toRow(line)).toEqual(row)
  })
})

describe('a line is refused', () => {
  const { toLine, toRow } = createLineCodec(message, sqlite)
  type Line = { [key: string]: unknown; record: Record<string, unknown>; stored?: Record<string, unknown> }
  const refused = (change: (line: Line) => unknown, codec: ValueCodec = sqlite): string => {
    const line = JSON.parse(toLine(messageRow())) as Line
    change(line)
    try {
      createLineCodec(message, codec).toRow(line)
    } catch (error) {
      expect(error).toBeInstanceOf(LineError)
      return (error as LineError).message
    }
    throw new Error('the line was accepted')
  }
  const deep = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown

  test.each<[string, (line: Line) => unknown, string]>([
    [
      'a field too many',
      ({ record }) => Object.assign(record, { colour: 'crimson' }),
      'record.colour is no field of this record',
    ],
    ['a key too many', (line) => Object.assign(line, { extra: 1 }), 'extra is no part of a line'],
    ['no record', (line) => Object.assign(line, { record: undefined }), 'record is required'],
    ['a record that is none', (line) => Object.assign(line, { record: [] }), 'record must be an object'],
    ['a field too few', ({ record }) => delete record.channel, 'record.channel is required'],
    [
      'null where none may be',
      ({ record }) => Object.assign(record, { channel: null }),
      'record.channel must not be null',
    ],
    [
      'a number for a text',
      ({ record }) => Object.assign(record, { content: 5 }),
      'record.content must be a string, is a number',
    ],
    [
      'a word of no list',
      ({ record }) => Object.assign(record, { priority: 'soon' }),
      'record.priority must be one of',
    ],
    [
      'a blank name',
      ({ record }) => Object.assign(record, { sender: ' ' }),
      'record.sender must not be blank',
    ],
    [
      'a name too long',
      ({ record }) => Object.assign(record, { sender: 'x'.repeat(256) }),
      'record.sender must be at most 255 characters, has 256',
    ],
    [
      'a time without offset',
      ({ record }) => Object.assign(record, { timestamp: '2026-01-31T09:30:00' }),
      'record.timestamp must be a Date, or an ISO 8601',
    ],
    [
      'an unknown key inside',
      ({ record }) => Object.assign(record.metadata as object, { more: 1 }),
      'record.metadata unknown field "more"',
    ],
    [
      'a wrong value inside',
      ({ record }) => Object.assign(record.metadata as object, { tokensUsed: -1 }),
      'record.metadata.tokensUsed must be at least 0',
    ],
    [
      'depth',
      ({ record }) => Object.assign(record, { parts: [{ kind: 'data', data: { deep: deep(80) } }] }),
      'record.parts',
    ],
    [
      'great depth',
      ({ record }) => Object.assign(record, { attachments: deep(200_000) }),
      'record.attachments is nested too deeply',
    ],
    [
      'NUL',
      ({ record }) => Object.assign(record, { content: 'a\0b' }),
      'record.content must not contain a NUL character',
    ],
    [
      'half a character',
      ({ record }) => Object.assign(record, { content: '\ud800' }),
      'record.content must be well-formed Unicode',
    ],
    [
      'a column that is none',
      (line) => Object.assign(line, { stored: { colour: 'crimson' } }),
      'stored.colour is no column of this table',
    ],
    [
      'stored text of no form',
      (line) => Object.assign(line, { stored: { content: { integer: 5 } } }),
      'stored.content must be null, text, or one of',
    ],
    [
      'a stored number too large',
      (line) => Object.assign(line, { stored: { content: { integer: '9223372036854775808' } } }),
      'stored.content must be a whole number of at most 64 bits',
    ],
    ['stored that is none', (line) => Object.assign(line, { stored: 'crimson' }), 'stored must be an object'],
  ])('%s', (_, change, text) => {
    const message = refused(change)
    expect(message.slice(0, text.length)).toBe(text)
    expect(message).not.toContain('crimson')
  })

  test('for a value that the columns of the engine cannot hold', () => {
    const blob = (line: Line) => Object.assign(line, { stored: { content: { blob: '00' } } })
    const time = (line: Line) => Object.assign(line, { stored: { timestamp: 'yesterday' } })
    for (const codec of [postgres, mariadb]) {
      expect(refused(blob, codec)).toBe(
        'stored.content is of another type than its column, and this database keeps no such values',
      )
      expect(refused(time, codec)).toContain('stored.timestamp is of another type')
    }
  })

  test('that is of another type, or no object', () => {
    for (const line of [null, 1, 'text', [], { type: 'task' }]) expect(() => toRow(line)).toThrow(LineError)
  })
})
