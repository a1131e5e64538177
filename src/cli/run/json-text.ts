// Writes JSON as JSON.stringify(value, null, 2) does, and bytes as base64, but in chunks and
// without recursion: a tree of plans may be 100,000 levels deep, where stringify overflows the
// stack. Below LAID_OUT levels everything is on one line, as the indentation would take more space
// than the content.

import { base64Of } from '../../values/bytes.ts'

/** More than any record nests by itself; only trees go deeper. */
const LAID_OUT = 100
/** The minimum characters of a chunk. */
const PIECE = 65_536

interface Open {
  readonly members: readonly (readonly [key: string | undefined, value: unknown])[]
  readonly close: ']' | '}'
  next: number
}

/** JSON in parts, so that a large document is never one string. */
export function* jsonText(value: unknown): Generator<string> {
  const open: Open[] = []
  let text = ''
  const lineAt = (depth: number) => (depth > LAID_OUT ? '' : `\n${'  '.repeat(depth)}`)
  const write = (raw: unknown) => {
    const member = plain(raw)
    if (typeof member !== 'object' || member === null) {
      text += JSON.stringify(member) ?? 'null'
      return
    }
    const isList = Array.isArray(member)
    const members = isList ? member.map((item) => [undefined, item] as const) : keysOf(member)
    text += isList ? '[' : '{'
    if (members.length === 0) text += isList ? ']' : '}'
    else open.push({ members, close: isList ? ']' : '}', next: 0 })
  }
  write(value)
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const member = top.members[top.next]
    if (member === undefined) {
      const isInline = open.length > LAID_OUT
      open.pop()
      text += (isInline ? '' : lineAt(open.length)) + top.close
      continue
    }
    if (top.next > 0) text += ','
    top.next += 1
    text += lineAt(open.length)
    if (member[0] !== undefined) text += `${JSON.stringify(member[0])}:${open.length > LAID_OUT ? '' : ' '}`
    write(member[1])
    if (text.length >= PIECE) {
      yield text
      text = ''
    }
  }
  yield text
}

function keysOf(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value).filter(([, member]) => member !== undefined && typeof member !== 'function')
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return base64Of(value)
  return value instanceof Date ? value.toJSON() : value
}
