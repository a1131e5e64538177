// Decompresses a gzip stream, recognised by its first two bytes; any other stream is passed through
// unchanged.

import { pipeline, Readable } from 'node:stream'

/** The stream stops being valid gzip, or ends too early. */
export class UnpackError extends Error {}

/**
 * Unpacks what begins as gzip does and passes everything else through. The source is closed when
 * the generator ends.
 * @throws UnpackError, while iterating, when the stream stops being valid gzip or ends too early
 */
export async function* gunzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]()
  let start = Buffer.alloc(0)
  try {
    while (start.length < 2) {
      const { done, value } = await pieces.next()
      if (done) break
      start = Buffer.concat([start, value])
    }
    const whole = joined(start, pieces)
    if (start[0] !== 0x1f || start[1] !== 0x8b) yield* whole
    else yield* unpacked(whole)
  } finally {
    await pieces.return?.()
  }
}

async function* joined(start: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (start.length > 0) yield start
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

async function* unpacked(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { createGunzip } = await import('node:zlib')
  const unpack = createGunzip({ chunkSize: 262_144 })
  // Failures are thrown by the iteration below.
  pipeline(Readable.from(packed), unpack, () => undefined)
  try {
    for await (const piece of unpack) yield piece as Buffer
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'Z_BUF_ERROR' || code === 'ERR_STREAM_PREMATURE_CLOSE')
      throw new UnpackError('the compressed file ends too early: it was cut off')
    if (code.startsWith('Z_')) throw new UnpackError(`the compressed file is damaged (${code})`)
    throw error
  }
}
