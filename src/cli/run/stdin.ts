// Texts read from standard input: `--content -`.

import { decodeLossy, decodeText } from '../../values/text-bytes.ts'
import { UsageError } from './failure.ts'

/**
 * More than any text field may hold; longer input is refused here, before it is read to its end.
 */
const MAX_BYTES = 4 * 1_048_576

/** The value itself, or for `-` all of standard input without its last line end. */
export async function textOrStdin(flag: string, value: string | undefined): Promise<string | undefined> {
  if (value !== '-') return value
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BYTES) throw new UsageError(`${flag}: standard input is longer than any text may be`)
    chunks.push(chunk)
  }
  try {
    return decodeText(Buffer.concat(chunks)).replace(/\r?\n$/, '')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${flag}: standard input cannot be read: ${reason}`)
  }
}

/**
 * The value itself, or for `-` the beginning of standard input, whatever its bytes are: for what a
 * failing program has printed. All of it is read, so that the program can end.
 */
export async function textOrAnyStdin(value: string): Promise<string> {
  if (value !== '-') return value
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    if (size < MAX_BYTES) chunks.push(chunk.subarray(0, MAX_BYTES - size))
    size += chunk.length
  }
  return decodeLossy(Buffer.concat(chunks)).replace(/\r?\n$/, '')
}
