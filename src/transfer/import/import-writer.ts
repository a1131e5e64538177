// Collects rows of one kind into batches and writes them, one batch at a time, while the next one
// is collected. The outcome of each row is counted, or reported with its line.

import type { Engine, WireValue } from '../../engines/contract/engine.ts'
import { quoteId } from '../../errors.ts'
import type { RecordKind } from '../rows/record-kind.ts'
import type { LineCodec } from '../rows/record-line.ts'
import { type NoteOf, type RowOutcome, writeRows } from '../rows/write-rows.ts'
import type { ImportTally, LineFault } from './import-tally.ts'

/** Rows of a batch, and the characters of their lines: many rows per commit, but bounded memory. */
const MAX_ROWS = 500
const MAX_LENGTH = 2_097_152

interface Batch {
  readonly kind: RecordKind
  readonly codec: LineCodec
  readonly rows: WireValue[][]
  readonly lines: number[]
  length: number
}

/** A row that cannot be stored and after which no other of its kind can. */
export class BrokenChain extends Error {
  readonly line: number
  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

export class ImportWriter {
  readonly #engine: Engine
  readonly #tally: ImportTally
  readonly #isDry: boolean
  readonly #noteOf: NoteOf
  readonly #maxRows: number
  /** Entries behind a gap of a chain are skipped, as those of a damaged store must be. */
  endsAtGaps = true
  #batch: Batch | undefined
  #writing: Promise<void> | undefined

  constructor(engine: Engine, tally: ImportTally, isDry: boolean, noteOf: NoteOf) {
    this.#noteOf = noteOf
    this.#engine = engine
    this.#tally = tally
    this.#isDry = isDry
    this.#maxRows = Math.min(MAX_ROWS, engine.capabilities.maxSetSize)
  }

  /**
   * Adds a row. If that fills a batch, it is written once the previous one is durable, which must
   * be awaited.
   */
  add(
    kind: RecordKind,
    codec: LineCodec,
    row: WireValue[],
    line: number,
    length: number,
  ): Promise<void> | undefined {
    const before = this.#batch?.kind === kind ? undefined : this.#batch
    const batch = this.#batch && !before ? this.#batch : { kind, codec, rows: [], lines: [], length: 0 }
    this.#batch = batch
    batch.rows.push(row)
    batch.lines.push(line)
    batch.length += length
    if (before) return this.#start(before)
    const isFull = batch.rows.length >= this.#maxRows || batch.length >= MAX_LENGTH
    return isFull ? this.#start(this.#take()) : undefined
  }

  /** Writes what is left, and resolves once everything is durable. */
  async flush(): Promise<void> {
    await this.#start(this.#take())
    await this.settled()
  }

  #take(): Batch | undefined {
    const batch = this.#batch
    this.#batch = undefined
    return batch
  }

  async #start(batch: Batch | undefined): Promise<void> {
    await this.settled()
    if (!batch || this.#isDry) return
    this.#writing = this.#write(batch)
    // A failure is thrown where the batch is awaited; until then it is not an unhandled rejection.
    this.#writing.catch(() => undefined)
  }

  /** Resolves once the current batch is durable. */
  async settled(): Promise<void> {
    const writing = this.#writing
    this.#writing = undefined
    await writing
  }

  async #write({ kind, codec, rows, lines }: Batch): Promise<void> {
    const outcomes = await writeRows(this.#engine, kind, rows, codec, this.#noteOf)
    const counts = this.#tally.of(kind.type)
    let broken: BrokenChain | undefined
    // All of them are counted before one ends the import: what is stored is stored.
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.kind === 'stored') counts.stored += 1
      else if (outcome.kind === 'same') counts.unchanged += 1
      else {
        const chain = this.#refused(kind, rows[index] as WireValue[], lines[index] as number, outcome)
        broken ??= chain
      }
    }
    if (broken) throw broken
  }

  #refused(
    kind: RecordKind,
    row: readonly WireValue[],
    line: number,
    outcome: Extract<RowOutcome, { kind: 'different' | 'failed' }>,
  ): BrokenChain | undefined {
    const message = kind.chain ? chainMessage(kind, row, kind.chain.number) : refusal(kind, row, outcome)
    this.#tally.fail({ line, type: kind.type, message })
    return kind.chain && this.endsAtGaps ? new BrokenChain(line, message) : undefined
  }
}

function cellOf({ shape }: RecordKind, row: readonly WireValue[], column: string): string {
  return String(row[shape.columns.indexOf(column)])
}

function refusal(
  kind: RecordKind,
  row: readonly WireValue[],
  outcome: Extract<RowOutcome, { kind: 'different' | 'failed' }>,
): LineFault['message'] {
  const { definition, shape } = kind
  const subject = `the ${definition.name} ${quoteId(cellOf(kind, row, shape.key))}`
  if (outcome.kind === 'failed') return `${subject} cannot be stored: ${outcome.error.message}`
  const unique = [shape.key, ...(shape.uniqueKey === undefined ? [] : [shape.uniqueKey])].join(' or ')
  return `${subject}: one with the same ${unique} is there already and differs; that one was left as it is`
}

function chainMessage(kind: RecordKind, row: readonly WireValue[], number: string): string {
  const { definition } = kind
  return `the ${definition.name} ${cellOf(kind, row, number)} does not continue the trail of this store: trails cannot be merged. Import into an empty store, or one that holds the beginning of this trail`
}
