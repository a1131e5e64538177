// Cutting bytes into lines: however the pieces fall, the lines are the same, and no bytes are lost.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LineBlock, readLines } from '../../src/transfer/import/read-lines.ts'

async function read(pieces: readonly Uint8Array[], maxLineBytes = 1000) {
  const found: { number: number; text: string | null; isCut: boolean }[] = []
  const bytes: Uint8Array[] = []
  async function* stream() {
    for (const piece of pieces) {
      // Whoever gives pieces may use their memory again.
      const lent = Buffer.from(piece)
      yield lent
      lent.fill(0x21)
    }
  }
  const passed = (part: Uint8Array) => void bytes.push(Buffer.from(part))
  for await (const block of readLines(stream(), { maxLineBytes, passed })) {
    if (block.kind === 'fault') found.push({ number: block.line, text: null, isCut: false })
    else found.push(...linesOf(block))
    if (block.bytes) passed(block.bytes)
  }
  return { found, bytes: Buffer.concat(bytes) }
}

function linesOf({ first, lines, isCut }: Extract<LineBlock, { kind: 'lines' }>) {
  return lines.map((text, index) => ({
    number: first + index,
    text,
    isCut: isCut && index === lines.length - 1,
  }))
}

const line = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => Buffer.from(text.replaceAll('\n', ''))),
  fc
    .uint8Array({ maxLength: 12 })
    .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 10 ? 11 : byte)))),
  fc.integer({ min: 30, max: 120 }).map((length) => Buffer.alloc(length, 'y')),
)

test('lines are the same however the pieces fall', async () => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      async (made, isEnded, sizes) => {
        const content = Buffer.concat(
          made.flatMap((one, index) => (index === 0 ? [one] : [Buffer.from('\n'), one])),
        )
        const whole = isEnded ? Buffer.concat([content, Buffer.from('\n')]) : content
        const pieces: Buffer[] = []
        for (let start = 0, index = 0; start < whole.length; index += 1) {
          const size = sizes[index % sizes.length] ?? 1
          pieces.push(whole.subarray(start, start + size))
          start += size
        }
        const { found, bytes } = await read(pieces, 80)
        const expected = (isEnded || made.at(-1)?.length !== 0 ? made : made.slice(0, -1)).map(
          (one, index) => {
            const isLast = index === made.length - 1
            let text: string | null = null
            try {
              if (one.length <= 80) text = decoder.decode(one)
            } catch {
              text = null
            }
            return { number: index + 1, text, isCut: !isEnded && isLast && text !== null }
          },
        )
        expect(found).toEqual(whole.length === 0 ? [] : expected)
        expect(bytes.equals(whole)).toBe(true)
      },
    ),
    { numRuns: 1000 },
  )
})

test('a line that never ends is passed on piece by piece', async () => {
  const { found, bytes } = await read(
    Array.from({ length: 50 }, () => Buffer.alloc(100, 'z')),
    1000,
  )
  expect(found).toEqual([{ number: 1, text: null, isCut: false }])
  expect(bytes).toHaveLength(5000)
})
