// Lists in the forms that clients ask for: a page of JSON, everything as NDJSON, everything as CSV.
// The last two are written as the records are read, in constant memory.

import { RequestError } from '../answers/request-error.ts'
import { csvHead, csvLine } from './csv.ts'
import { jsonOf } from './json.ts'

export const listTypes = ['application/json', 'text/csv', 'application/x-ndjson'] as const
/**
 * The form that `Accept` prefers among those that there are.
 * @throws RequestError if it takes none of them
 */
export function preferred<T extends string>(accept: string | null, types: readonly [T, ...T[]]): T {
  if (accept === null || accept.trim() === '') return types[0]
  let best: { readonly type: T; readonly weight: number } | undefined
  for (const part of accept.split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const given = parameters.find((parameter) => parameter.startsWith('q='))
    const weight = given === undefined ? 1 : Number(given.slice(2))
    const type = types.find(
      (each) => range === '*/*' || range === each || range === `${each.split('/')[0]}/*`,
    )
    if (type !== undefined && weight > 0 && (best === undefined || weight > best.weight))
      best = { type, weight }
  }
  if (best) return best.type
  throw new RequestError('NOT_ACCEPTABLE', `the answer is one of ${types.join(', ')}; ask for it with Accept`)
}

/** Characters that are sent at once. */
const PIECE = 65_536

/** Items as lines, one JSON document each. */
export async function* ndjsonOf(items: AsyncIterable<object> | Iterable<object>): AsyncGenerator<string> {
  let text = ''
  for await (const item of items) {
    text += `${jsonOf(item)}\n`
    if (text.length >= PIECE) {
      yield text
      text = ''
    }
  }
  if (text !== '') yield text
}

/** Items as a table with a line of names first. @param columns the names, in order */
export async function* csvOf(
  items: AsyncIterable<object> | Iterable<object>,
  columns: readonly string[],
): AsyncGenerator<string> {
  let text = csvHead(columns)
  for await (const item of items) {
    text += csvLine(columns, item)
    if (text.length >= PIECE) {
      yield text
      text = ''
    }
  }
  yield text
}

/**
 * A body that is read from a generator. The first piece is read before, so that what fails at once
 * has a proper status; a later failure cuts the connection, which no client takes for an end.
 */
export async function streamed(pieces: AsyncGenerator<string>): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder()
  let next: IteratorResult<string> | undefined = await pieces.next()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = next ?? (await pieces.next())
      next = undefined
      if (piece.done) controller.close()
      else controller.enqueue(encoder.encode(piece.value))
    },
    async cancel() {
      await pieces.return(undefined)
    },
  })
}
