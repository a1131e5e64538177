// The body of a request: JSON, bounded in size and in depth, read as it arrives.

import { invalidRequest, RequestError } from '../answers/request-error.ts'

/** More than any record nests: fields hold at most 64 levels of JSON. */
const MAX_DEPTH = 100

/**
 * The parsed body; undefined without one.
 * @param limit the most bytes
 * @throws RequestError for another media type, too many bytes, or text that is no JSON
 */
export async function readBody(request: Request, limit: number): Promise<unknown> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > limit) throw tooLarge(limit)
  if (request.body === null) return undefined
  const bytes = await readBytes(request.body, limit)
  if (bytes.length === 0) return undefined
  if (!isJson(request.headers.get('content-type'))) {
    throw new RequestError(
      'UNSUPPORTED_MEDIA_TYPE',
      'a body has to be JSON: send the header Content-Type: application/json',
    )
  }
  const value = parse(bytes)
  if (isDeeperThan(value, MAX_DEPTH)) {
    throw invalidRequest([], 'json_depth', `the body must be at most ${MAX_DEPTH} levels deep`)
  }
  return value
}

async function readBytes(body: ReadableStream<Uint8Array>, limit: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let size = 0
  try {
    for await (const piece of body) {
      size += piece.byteLength
      if (size > limit) throw tooLarge(limit)
      pieces.push(piece)
    }
  } catch (error) {
    if (error instanceof RequestError) throw error
    // The client has left, or was too slow: no fault of the server.
    throw new RequestError('BODY_TIMEOUT', 'the body did not arrive as a whole')
  }
  return Buffer.concat(pieces)
}

function tooLarge(limit: number): RequestError {
  return new RequestError('BODY_TOO_LARGE', `the body must be at most ${limit} bytes`)
}

function isJson(type: string | null): boolean {
  return /^application\/json\s*(;|$)/i.test(type ?? '')
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw invalidRequest([], 'json', 'the body must be JSON in UTF-8')
  }
}

/** Level by level: recursion would overflow the stack on the very input that this refuses. */
function isDeeperThan(value: unknown, most: number): boolean {
  let level = [value]
  for (let depth = 0; depth <= most; depth += 1) {
    const next: unknown[] = []
    for (const item of level) {
      if (typeof item === 'object' && item !== null) for (const each of Object.values(item)) next.push(each)
    }
    if (next.length === 0) return false
    level = next
  }
  return true
}
