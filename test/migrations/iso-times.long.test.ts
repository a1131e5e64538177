// Looking at times character by character says what the parser of instants says, for texts that are
// times, nearly are, or are not.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dialect } from '../../src/adoption/sqlite/dialect.ts'
import { instantOf, isPlain, namesInstant } from '../../src/adoption/sqlite/iso-times.ts'
import { parseInstant } from '../../src/values/instant.ts'
import { withDatabase } from '../support/database-content.ts'
import { scratchFile } from '../support/scratch.ts'

/** The ancestor's two forms with every digit free, so that most name no instant. */
const nearly = fc.stringMatching(
  /^[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{6})?\+00:00$/,
)
const changed = fc
  .tuple(nearly, fc.nat(31), fc.constantFrom(...'0 :-+TZ.,9x'))
  .map(([text, index, char]) => text.slice(0, index) + char + text.slice(index + 1))
const moments = fc.date({ min: new Date(-3e13), max: new Date(2.5e14), noInvalidDate: true })

test('a time is read as the parser reads it', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        nearly,
        changed,
        moments.map((date) => date.toISOString()),
      ),
      (text) => {
        const time = parseInstant(text)
        expect(instantOf(text)).toBe(
          Number.isNaN(time)
            ? instantOf(`${text}Z`) === null
              ? null
              : instantOf(text)
            : new Date(time).toISOString(),
        )
        if (!Number.isNaN(time)) expect(namesInstant(text)).toBe(true)
        if (isPlain(text)) expect(time).not.toBeNaN()
      },
    ),
    { numRuns: 5000 },
  )
})

test('what is written for an instant is plain, and nothing else that means the same is', () => {
  const { isoOfInstant } = dialect.writer(new Date())
  withDatabase(
    scratchFile(),
    (handle) => {
      const write = handle
        .prepare(`SELECT ${isoOfInstant('?')}`.replaceAll(/\?(?=.*\?)/g, '?1').replace(/\?(?!1)/, '?1'))
        .pluck()
      fc.assert(
        fc.property(moments, fc.constantFrom('Z', '+0000', '+00', '-00:00'), (date, offset) => {
          const text = String(write.get({ 1: date.toISOString() }))
          expect(isPlain(text)).toBe(true)
          expect(instantOf(text)).toBe(date.toISOString())
          expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}000)?\+00:00$/)
          expect(isPlain(text.replace('+00:00', offset))).toBe(false)
          expect(isPlain(`${date.toISOString().slice(0, 23)}001+00:00`)).toBe(false)
        }),
      )
    },
    false,
  )
})

test.each([
  ['2024-02-29T00:00:00+00:00', true],
  ['2023-02-29T00:00:00+00:00', false],
  ['1900-02-29T00:00:00+00:00', false],
  ['2000-02-29T00:00:00+00:00', true],
  ['2024-04-31T00:00:00+00:00', false],
  ['2024-00-10T00:00:00+00:00', false],
  ['2024-01-00T00:00:00+00:00', false],
  ['2024-01-01T24:00:00+00:00', false],
  ['2024-01-01T23:60:00+00:00', false],
  ['0999-12-31T23:59:59+00:00', false],
  ['2024-01-01T00:00:00.000000+00:00', false],
  ['2024-01-01T00:00:00.001000+00:00', true],
  ['2024-01-01T00:00:00.001001+00:00', false],
  ['2024-01-01 00:00:00+00:00', false],
])('%s is plain: %s', (text, plain) => {
  expect(isPlain(text)).toBe(plain)
})
