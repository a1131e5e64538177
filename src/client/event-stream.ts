// Server-sent events as they are read from a connection.

/** One event; a comment has none of the three. */
export interface ServerEvent {
  readonly id: string | undefined
  readonly event: string | undefined
  readonly data: string
  /** Milliseconds after which to connect again, if the server said so. */
  readonly retry: number | undefined
}

/** Puts events together from pieces of text; a piece may end anywhere. */
export class EventReader {
  #rest = ''

  /** The events that are complete with this piece, comments as events without data. */
  add(piece: string): readonly ServerEvent[] {
    const blocks = (this.#rest + piece).split(/\r?\n\r?\n/)
    this.#rest = blocks.pop() ?? ''
    return blocks.map(eventOf)
  }
}

function eventOf(block: string): ServerEvent {
  const fields = new Map<string, string>()
  for (const line of block.split(/\r?\n/)) {
    const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? []
    const before = name === 'data' ? fields.get(name) : undefined
    fields.set(name, before === undefined ? value : `${before}\n${value}`)
  }
  const retry = Number(fields.get('retry') ?? Number.NaN)
  return {
    id: fields.get('id'),
    event: fields.get('event'),
    data: fields.get('data') ?? '',
    retry: Number.isNaN(retry) ? undefined : retry,
  }
}
