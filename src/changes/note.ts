// Notes what a batch or a transaction changed, from its writes and their outcomes, for its row of
// the feed. Nothing is read for it, and no record is copied: a note has names, ids and versions.

import type {
  ChainAppend,
  ChangeNote,
  Row,
  TableShape,
  WireValue,
  WriteOperation,
  WriteOutcome,
} from '../engines/contract/engine.ts'
import { recordNames } from '../records/names.ts'
import { type ChangeOperation, encodeChange, MAX_CHANGES } from './change.ts'

/** What is needed of a table to note a row of it. */
interface NotedTable {
  readonly record: string
  readonly keyIndex: number
  /** -1 for a record without versions. */
  readonly versionIndex: number
}

const covered = new Map<string, string>(
  recordNames.flatMap(({ table, type, property }) => (property === null ? [] : [[table, type] as const])),
)

const tables = new WeakMap<TableShape, NotedTable | null>()

/** Null for a side table, of which the feed tells nothing. */
function notedTable(shape: TableShape): NotedTable | null {
  let known = tables.get(shape)
  if (known === undefined) {
    const record = covered.get(shape.table)
    const { columns, key } = shape
    known =
      record === undefined
        ? null
        : { record, keyIndex: columns.indexOf(key), versionIndex: columns.indexOf('version') }
    tables.set(shape, known)
  }
  return known
}

/** The changes of one commit, as it makes them. */
export class NotedChanges {
  #entries: { readonly actor: string; readonly text: string }[] = []

  /** @param actorOf the actor of a write, by its position in the batch */
  add(
    operations: readonly WriteOperation[],
    outcomes: readonly WriteOutcome[],
    actorOf: (position: number) => string,
  ): this {
    for (let index = 0; index < operations.length; index += 1) {
      const outcome = outcomes[index]
      if (outcome) this.#addOne(operations[index] as WriteOperation, outcome, actorOf(index))
    }
    return this
  }

  /** Remembers how much there is. What it returns forgets what was added since. */
  mark(): () => void {
    const { length } = this.#entries
    return () => {
      this.#entries.length = length
    }
  }

  /** A row for each actor, in the order of their first changes; several if it would be too long. */
  notes(): readonly ChangeNote[] {
    const [first] = this.#entries
    if (!first) return []
    const byActor = new Map<string, string[]>()
    for (const { actor, text } of this.#entries) {
      const texts = byActor.get(actor)
      if (texts) texts.push(text)
      else byActor.set(actor, [text])
    }
    return [...byActor].flatMap(([actor, texts]) => partsOf(texts).map((changes) => ({ actor, changes })))
  }

  #addOne(operation: WriteOperation, outcome: WriteOutcome, actor: string): void {
    switch (operation.kind) {
      case 'insert': {
        if (outcome.kind !== 'stored') return
        const { shape, row } = operation
        this.#note(actor, shape, 'created', row[notedTable(shape)?.keyIndex ?? 0], versionIn(shape, row))
        break
      }
      case 'compareAndSet': {
        if (outcome.kind !== 'updated') return
        const { shape, key, columns, values } = operation
        const version = values[columns.indexOf('version')]
        this.#note(actor, shape, 'updated', key, version)
        break
      }
      case 'delete':
        if (outcome.kind !== 'deleted' || outcome.count === 0) return
        this.#note(actor, operation.shape, 'deleted', operation.key)
        break
      case 'append':
        if (outcome.kind === 'stored') this.#append(actor, operation.chain)
        return
      case 'execute': {
        const { affects } = operation
        if (outcome.kind !== 'executed' || !affects) return
        for (const key of affects.keys) this.#note(actor, affects.shape, affects.op, key)
        return
      }
      default:
        operation satisfies never
        return
    }
    if (operation.auditEntry) this.#append(actor, operation.auditEntry)
  }

  #append(actor: string, { shape, key }: ChainAppend): void {
    this.#note(actor, shape, 'created', key)
  }

  #note(
    actor: string,
    shape: TableShape,
    op: ChangeOperation,
    key: WireValue | undefined,
    version?: WireValue,
  ): void {
    const table = notedTable(shape)
    if (!table) return
    const number = version === undefined || version === null ? undefined : String(version)
    this.#entries.push({ actor, text: encodeChange(table.record, op, String(key), number) })
  }
}

function versionIn(shape: TableShape, row: Row): WireValue | undefined {
  const index = notedTable(shape)?.versionIndex ?? -1
  return index < 0 ? undefined : row[index]
}

function partsOf(texts: readonly string[]): readonly string[] {
  if (texts.length <= MAX_CHANGES) return [`[${texts.join(',')}]`]
  return Array.from(
    { length: Math.ceil(texts.length / MAX_CHANGES) },
    (_, part) => `[${texts.slice(part * MAX_CHANGES, (part + 1) * MAX_CHANGES).join(',')}]`,
  )
}
