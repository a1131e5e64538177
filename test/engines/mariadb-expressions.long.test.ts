// What MariaDB's expressions of migrations give is held against the rules of the program: times,
// money, numbers in ULIDs. And a search finds there what it finds in a file.

import fc from 'fast-check'
import { encodeTime } from 'ulid'
import { afterAll, describe, expect, test } from 'vitest'
import { dialect } from '../../src/adoption/mariadb/dialect.ts'
import { instantOf, isPlain, namesInstant } from '../../src/adoption/sqlite/iso-times.ts'
import { openStore } from '../../src/index.ts'
import { searchQuery } from '../../src/records/repository/search-tokens.ts'
import { moneyFromNumber } from '../../src/values/money.ts'
import { MariadbDatabases, onMariadb } from '../support/engines/mariadb-databases.ts'
import { serverUrl } from '../support/engines/server-url.ts'

const found = serverUrl('mariadb')
const server = found ?? ''
const databases = new MariadbDatabases(server)
const writer = dialect.writer(new Date(0))

/** The value of an expression over `given` for every text. */
async function valuesOf(texts: readonly (string | number)[], expressions: readonly string[]) {
  const database = await databases.create()
  return onMariadb(server, database, async (connection) => {
    const type = typeof texts[0] === 'number' ? 'DOUBLE' : 'LONGTEXT'
    await connection.query(`CREATE TABLE samples (place BIGINT PRIMARY KEY, given ${type})`)
    for (const [place, text] of texts.entries())
      await connection.execute('INSERT INTO samples VALUES (?, ?)', [place, text])
    // As in a migration: what only warns in a SELECT is an error where rows are written.
    const columns = expressions.map((_, index) => `v${index} LONGTEXT`)
    await connection.query(`CREATE TABLE results (place BIGINT PRIMARY KEY, ${columns.join(', ')})`)
    await connection.query(`INSERT INTO results SELECT place, ${expressions.join(', ')} FROM samples`)
    const [rows] = await connection.query('SELECT * FROM results ORDER BY place')
    return (rows as unknown as (string | null)[][]).map((row) => row.slice(1))
  })
}

const pad = (number: number, length = 2) => String(number).padStart(length, '0')
const part = (max: number, length = 2) => fc.integer({ min: 0, max }).map((number) => pad(number, length))
const offset = fc.oneof(
  fc.constantFrom('', 'Z', 'z', ' Z', '+00:00', '+05', '-0330', '+14:00', '-23:59', '+24:00', '+1:00', '-'),
  fc
    .tuple(fc.constantFrom('+', '-'), part(25), part(70))
    .map(([sign, hour, minute]) => `${sign}${hour}:${minute}`),
)
const fraction = fc.oneof(
  fc.constant(''),
  fc.constantFrom('.000000', '.500000', '.123000', ',5', '.', '.1234567890'),
  fc.stringMatching(/^\.\d{1,9}$/),
)
const time = fc
  .tuple(
    fc.constantFrom('2024', '2023', '1900', '2000', '1000', '9999', '0999', '24'),
    part(13),
    part(32),
    fc.constantFrom('T', ' ', 't', 'x'),
    part(24),
    part(61),
    fc.oneof(
      part(61).map((second) => `:${second}`),
      fc.constant(''),
    ),
    fraction,
    offset,
  )
  .map(([y, mo, d, t, h, mi, s, f, o]) => `${y}-${mo}-${d}${t}${h}:${mi}${s}${s === '' ? '' : f}${o}`)
const anyTime = fc.oneof(
  { weight: 8, arbitrary: time },
  fc.constantFrom(
    '',
    ' ',
    'now',
    '2024-02-29',
    '2023-02-29',
    '2024-01-31T22:00:00+00:00',
    '2024-01-31T22:00:00.000001+00:00',
    '２０２４-01-01',
  ),
  fc.string(),
)

describe.skipIf(found === undefined)('expressions on MariaDB', () => {
  afterAll(() => databases.dropAll())

  test('times are read as the program reads them', async () => {
    const texts = fc
      .sample(anyTime, { numRuns: 3000, seed: 20_260_131 })
      .filter((text) => !text.includes('\0'))
      // One instant beyond the last day, which the server cannot compute and the program refuses;
      // and one before it, which it could.
      .filter((text) => !text.startsWith('9999-12-31'))
    const rows = await valuesOf(texts, [
      writer.toInstant('given'),
      writer.instantOfIso('given'),
      `CASE WHEN ${writer.arePlainIso(['given'])} THEN 1 ELSE 0 END`,
      `CASE WHEN ${writer.nameInstants(['given'])} THEN 1 ELSE 0 END`,
    ])
    let readable = 0
    for (const [index, text] of texts.entries()) {
      const instant = instantOf(text)
      if (instant !== null) readable += 1
      const plain = isPlain(text) ? '1' : '0'
      const named = namesInstant(text) ? '1' : '0'
      expect([text, ...(rows[index] ?? [])]).toEqual([text, instant, instant, plain, named])
    }
    expect(readable).toBeGreaterThan(300)
  })

  test('amounts become exact money as the program rounds them', async () => {
    const amounts = [
      ...[0, 0.1, 0.1 + 0.2, 1e-9, 5e-10, 1.5e-9, 2.5e-9, 3.5e-9, 0.0000000005, 1e-300, 123.456789012345],
      ...[9223372036.854, 9223372036.9, 1e10, 1e300, -1, 4503599627.370497, 0.30000000000000004],
      ...fc.sample(fc.double({ min: 0, max: 10_000, noNaN: true }), { numRuns: 300, seed: 7 }),
      ...fc.sample(fc.integer({ min: 0, max: 99_999_999 }), { numRuns: 100, seed: 8 }).map((n) => n / 1e10),
    ]
    const rows = await valuesOf(amounts, [writer.toMoney('given'), writer.realToText('given')])
    for (const [index, amount] of amounts.entries()) {
      const money = moneyFromNumber(amount)
      expect([amount, rows[index]?.[0]]).toEqual([amount, typeof money === 'bigint' ? String(money) : null])
      expect(Number(rows[index]?.[1])).toBe(amount)
    }
  })

  test('a number goes into a ULID and comes back', async () => {
    const numbers = ['0', '1', '31', '32', '1023', '65535', '1099511627775', '1099511627776', '-1']
    const ulid = writer.numberedUlid("'2026-01-31T22:00:00.123Z'", 'CAST(given AS SIGNED)')
    const rows = await valuesOf(numbers, [ulid, writer.ulidNumber(ulid)])
    const time = encodeTime(Date.parse('2026-01-31T22:00:00.123Z'), 10)
    for (const [index, number] of numbers.entries()) {
      const [made = '', back] = rows[index] ?? []
      expect(made).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
      expect(made?.slice(0, 10)).toBe(time)
      expect(back).toBe(index < 7 ? number : null)
    }
    expect(rows[3]?.[0]).toBe(`${time}0000000000000010`)
  })

  test('a search finds what it finds in a file', async () => {
    const words = [
      'a',
      'it',
      'the',
      'Straße',
      'STRASSE',
      'ΟΔΟΣ',
      'οδος',
      'été',
      'e\u0301te',
      '東京',
      'x1',
      '42',
      'co-op',
      'İ',
      'ſ',
      'K',
      '😀',
      'naïve',
      'll',
      "don't",
    ]
    const texts = fc.sample(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 5 }), {
      numRuns: 60,
      seed: 3,
    })
    await using file = await openStore('sqlite::memory:')
    const database = databases.reserve()
    await databases.lay(database)
    await using store = await openStore(databases.urlOf(database))
    for (const each of [file, store]) {
      await each.messages.appendMany(
        texts.map((parts, index) => ({
          ...{ id: `m${pad(index, 3)}`, sender: 'a', to: 'b', channel: 'c', type: 'announcement' as const },
          content: parts.join(index % 2 === 0 ? ' ' : '; '),
          timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, index)),
        })),
      )
    }
    const searches = [...words, 'the it', 'straße a', 'ΟΔΟΣ x1', 'don t'].filter(
      (text) => searchQuery(text).words > 0,
    )
    for (const search of searches) {
      const [there, here] = await Promise.all(
        [file, store].map(async (each) => (await each.messages.search(search)).items.map(({ id }) => id)),
      )
      expect([search, here]).toEqual([search, there])
    }
  })
})
