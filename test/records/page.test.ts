// Cursors: each leads back to exactly its place in exactly its list; whatever else is passed as one
// is refused.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidRecordError } from '../../src/errors.ts'
import { checkLimit, decodeCursor, encodeCursor } from '../../src/records/repository/page.ts'

const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed())
const value = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.date({ noInvalidDate: true }),
)
const place = fc.array(value, { minLength: 1, maxLength: 3 })
const query = fc.string()

describe('cursors', () => {
  test('each leads back to its place', () => {
    fc.assert(
      fc.property(query, place, (list, at) => {
        expect(decodeCursor(list, encodeCursor(list, at), at.length)).toEqual(at)
      }),
      { numRuns: 500 },
    )
  })

  test('letters of URLs only', () => {
    fc.assert(
      fc.property(query, place, (list, at) => {
        expect(encodeCursor(list, at)).toMatch(/^[\w-]+$/)
      }),
    )
  })

  test('any changed letter is noticed', () => {
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_= +/']
    fc.assert(
      fc.property(query, place, fc.nat(), fc.constantFrom(...letters), (list, at, index, letter) => {
        const cursor = encodeCursor(list, at)
        const position = index % cursor.length
        const changed = `${cursor.slice(0, position)}${letter}${cursor.slice(position + 1)}`
        fc.pre(changed !== cursor)
        expect(() => decodeCursor(list, changed, at.length)).toThrow(InvalidRecordError)
      }),
      { numRuns: 2000 },
    )
  })

  test('a cursor of another list, or of another order, is refused', () => {
    fc.assert(
      fc.property(query, query, place, (list, other, at) => {
        fc.pre(list !== other)
        const cursor = encodeCursor(list, at)
        expect(() => decodeCursor(other, cursor, at.length)).toThrow(InvalidRecordError)
        expect(() => decodeCursor(list, cursor, at.length + 1)).toThrow(InvalidRecordError)
      }),
    )
  })

  test('anything made up is refused, and nothing else is thrown', () => {
    fc.assert(
      fc.property(query, fc.oneof(fc.anything(), fc.string(), fc.base64String()), (list, given) => {
        expect(() => decodeCursor(list, given, 2)).toThrow(InvalidRecordError)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('limits', () => {
  test('whole numbers from 1 to 1000 are limits, undefined is 100, all else is refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: -10, max: 1010 }), fc.double(), fc.anything()), (given) => {
        const fits = typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= 1000
        if (fits) expect(checkLimit(given)).toBe(given)
        else if (given === undefined) expect(checkLimit(given)).toBe(100)
        else expect(() => checkLimit(given)).toThrow(InvalidRecordError)
      }),
      { numRuns: 1000 },
    )
  })
})
