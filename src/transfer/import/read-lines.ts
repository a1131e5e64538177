// Splits a stream of bytes into lines, many at a time. Bytes are checked to be UTF-8. A line over
// the length limit is not kept in memory, only its number.

import { isUtf8 } from 'node:buffer'

/** Lines of a stream, or one that cannot be read. Numbers count from 1. */
export type LineBlock =
  | {
      readonly kind: 'lines'
      readonly first: number
      /** The lines as they are, with their line ends. */
      readonly bytes: Buffer
      /** The same without line ends. */
      readonly lines: readonly string[]
      /** The last line of the stream had no line end. */
      readonly isCut: boolean
    }
  | { readonly kind: 'fault'; readonly line: number; readonly message: string; readonly bytes?: Buffer }

const LINE_END = 0x0a

export interface LineLimits {
  /** A longer line is an error. */
  readonly maxLineBytes: number
  /** Receives the bytes of a line that is too long, as they pass. */
  readonly passed: (bytes: Uint8Array) => void
}

/**
 * Splits a stream into blocks of whole lines, in the order of the file. A line above the limit is
 * skipped without being kept in memory, and becomes a fault with its number; nothing is thrown for
 * it.
 */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  limits: LineLimits,
): AsyncGenerator<LineBlock> {
  const { maxLineBytes, passed } = limits
  /** The beginning of a line whose end has not arrived. */
  let begun: Buffer[] = []
  let begunBytes = 0
  let number = 1
  let isTooLong = false
  const tooLong = (): LineBlock => ({
    kind: 'fault',
    line: number,
    message: `is longer than ${maxLineBytes} bytes, the most a line may have`,
  })
  for await (const piece of source) {
    let bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    if (isTooLong) {
      const end = bytes.indexOf(LINE_END)
      passed(end < 0 ? bytes : bytes.subarray(0, end + 1))
      if (end < 0) continue
      isTooLong = false
      number += 1
      bytes = bytes.subarray(end + 1)
    }
    const last = bytes.lastIndexOf(LINE_END)
    if (last >= 0) {
      const ended = bytes.subarray(0, last + 1)
      const whole = begun.length === 0 ? ended : Buffer.concat([...begun, ended])
      begun = []
      begunBytes = 0
      for (const block of cut(whole, number, maxLineBytes)) {
        if (block.kind === 'lines') number = block.first + block.lines.length
        else number = block.line + 1
        yield block
      }
    }
    const rest = last < 0 ? bytes : bytes.subarray(last + 1)
    // The caller may reuse the chunk's memory.
    if (rest.length > 0) begun.push(Buffer.from(rest))
    begunBytes += rest.length
    if (begunBytes > maxLineBytes) {
      yield tooLong()
      for (const part of begun) passed(part)
      begun = []
      begunBytes = 0
      isTooLong = true
    }
  }
  if (begunBytes > 0) {
    for (const block of cut(Buffer.concat(begun), number, maxLineBytes)) {
      yield block.kind === 'lines' ? { ...block, isCut: true } : block
    }
  }
}

/** Complete lines; one by one if something is wrong with any of them. */
function* cut(bytes: Buffer, first: number, maxLineBytes: number): Generator<LineBlock> {
  // No line is longer than all of them together.
  if (isUtf8(bytes) && (bytes.length <= maxLineBytes || longest(bytes) <= maxLineBytes)) {
    yield { kind: 'lines', first, bytes, lines: split(bytes), isCut: false }
    return
  }
  let start = 0
  for (let line = first; start < bytes.length; line += 1) {
    const found = bytes.indexOf(LINE_END, start)
    const end = found < 0 ? bytes.length : found + 1
    const one = bytes.subarray(start, end)
    if (one.length - 1 > maxLineBytes)
      yield {
        kind: 'fault',
        line,
        message: `is longer than ${maxLineBytes} bytes, the most a line may have`,
        bytes: one,
      }
    else if (!isUtf8(one)) yield { kind: 'fault', line, message: 'is not UTF-8 text', bytes: one }
    else yield { kind: 'lines', first: line, bytes: one, lines: split(one), isCut: false }
    start = end
  }
}

function split(bytes: Buffer): readonly string[] {
  const lines = bytes.toString().split('\n')
  if (bytes.at(-1) === LINE_END) lines.pop()
  return lines
}

function longest(bytes: Buffer): number {
  let length = 0
  let start = 0
  while (start < bytes.length) {
    const found = bytes.indexOf(LINE_END, start)
    const end = found < 0 ? bytes.length : found
    length = Math.max(length, end - start)
    start = end + 1
  }
  return length
}
