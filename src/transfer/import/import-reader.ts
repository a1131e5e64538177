// Processes a file of records: header, records, trailer. It decides what a line is, what happens at
// a bad one, and whether the file was complete; import-writer.ts stores the rows.

import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import type { ValueCodec } from '../../engines/contract/engine.ts'
import { latestVersion } from '../../migrations/schema-state.ts'
import { purserVersion } from '../../version.ts'
import {
  type Header,
  type PartialContent,
  readHeader,
  readTrailer,
  type Trailer,
  upgraderFrom,
} from '../rows/file-format.ts'
import { type RecordKind, recordKinds } from '../rows/record-kind.ts'
import { createLineCodec, type LineCodec } from '../rows/record-line.ts'
import { gunzipped, UnpackError } from './gunzip.ts'
import type { ImportOptions } from './import-options.ts'
import type { ImportTally } from './import-tally.ts'
import { BrokenChain, type ImportWriter } from './import-writer.ts'
import { LineError } from './line-error.ts'
import { type LineBlock, readLines } from './read-lines.ts'

/** No record that Purser writes is a longer line, whatever its texts hold. */
const MAX_LINE_BYTES = 67_108_864
const MAX_HEADER_BYTES = 65_536
const LINE_FEED = 0x0a

/** Why an import stops early, and what to do about it. */
export class Stop extends Error {
  readonly line: number | undefined
  readonly advice: string
  constructor(
    message: string,
    advice: string,
    options: { readonly line?: number; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.line = options.line
    this.advice = advice
  }
}

const GET_WHOLE = 'Get the whole file, then import it again: it goes on from there'
const IS_PARTIAL =
  'the file is partial: it was exported from a damaged database, without what could not be read there; its last line lists that'
const ACCEPT = 'Import it as it is with --partial (partial: true)'
const IS_EMPTY = 'is missing: the file is empty'
const CHECK_FILE = 'Check that this is the right file, and whole'
const TO_LINE_FEEDS =
  'Turn its line ends back into single line feeds (dos2unix does), or get the file again by a way that leaves its bytes alone, then import it again'
const MEND =
  'Skip such lines, or mend the record where it comes from and export again; the next import goes on from there'
const MEND_TRAIL =
  'Nothing behind a break can be stored, so such a line cannot be skipped: mend the trail where it comes from and export again; the next import goes on from there'

type Lines = Extract<LineBlock, { kind: 'lines' }>
type Known = ReadonlyMap<string, { readonly kind: RecordKind; readonly codec: LineCodec }>

export class FileReader {
  readonly #tally: ImportTally
  readonly #writer: ImportWriter
  readonly #options: ImportOptions
  readonly #kinds: Known
  readonly #hash = createHash('sha256')
  readonly #counts = new Map<string, number>()
  #upgrade: ((line: unknown) => unknown) | undefined
  #hasHeader = false
  #trailer: { readonly content: Trailer; readonly line: number } | undefined
  #line = 0
  #isPartial = false

  constructor(codec: ValueCodec, tally: ImportTally, writer: ImportWriter, options: ImportOptions) {
    this.#tally = tally
    this.#writer = writer
    this.#options = options
    this.#kinds = new Map(
      recordKinds.map((kind) => [kind.type, { kind, codec: createLineCodec(kind, codec) }]),
    )
  }

  /**
   * @returns whether the file is as it was written; false only if unreadable lines were skipped
   * @throws Stop, and what writing throws
   */
  async run(source: AsyncIterable<Uint8Array>): Promise<boolean> {
    const { signal, progress, maxLineBytes = MAX_LINE_BYTES } = this.#options
    const limits = { maxLineBytes, passed: (bytes: Uint8Array) => void this.#hash.update(bytes) }
    try {
      signal?.throwIfAborted()
      for await (const block of readLines(gunzipped(source), limits)) {
        await this.#read(block)
        progress?.({ records: this.#tally.records, ...this.#tally.transferred })
        // A file is read and written without yielding: let signals and other work run here.
        await turn()
        signal?.throwIfAborted()
      }
      await this.#flush()
    } catch (error) {
      throw await this.#ended(error)
    }
    return this.#checkEnd()
  }

  /** What the file says it lacks; null if it is complete. */
  get partial(): PartialContent | null {
    const known = this.#trailer?.content.partial
    return known ?? (this.#isPartial ? { lost: 0, losses: [] } : null)
  }

  /**
   * Why the lines ended early. The remaining ones are written first, which may fail for a different
   * reason.
   */
  async #ended(error: unknown): Promise<unknown> {
    if (error instanceof BrokenChain) return brokenAt(error)
    if (!(error instanceof UnpackError)) return error
    try {
      await this.#flush()
    } catch (failure) {
      return failure instanceof BrokenChain ? brokenAt(failure) : failure
    }
    return new Stop(`${error.message}, after line ${this.#line}`, GET_WHOLE)
  }

  async #read(block: LineBlock): Promise<void> {
    if (block.kind === 'lines') return this.#readLines(block)
    this.#line = block.line
    if (!this.#hasHeader) throw noHeader(block.message)
    this.#refuseAfterTrailer(block.line)
    if (block.bytes) this.#hash.update(block.bytes)
    this.#tally.records += 1
    await this.#fault(block.line, null, block.message)
  }

  async #readLines({ first, bytes, lines, isCut }: Lines): Promise<void> {
    let start = 0
    // Nothing after the trailer belongs to the records.
    let end = this.#trailer ? 0 : bytes.length
    for (let index = 0; index < lines.length; index += 1) {
      const text = lines[index] as string
      const line = first + index
      this.#line = line
      if (this.#trailer && isBlank(text)) continue
      this.#refuseAfterTrailer(line)
      const parsed = parse(this.#hasHeader ? text : withoutMark(text))
      if (parsed === undefined && isCut) {
        await this.#flush()
        throw new Stop(`the file ends in the middle of line ${line}: it was cut off`, GET_WHOLE, { line })
      }
      if (!this.#hasHeader) {
        this.#begin(parsed)
        start = bytes.indexOf(LINE_FEED) + 1
      } else if (isTrailer(parsed)) {
        this.#end(parsed, line)
        end = startOf(bytes, lines.length - index)
      } else if (text.endsWith('\r')) {
        await this.#flush()
        throw new Stop(
          `line ${line} ends in CRLF: the line ends were changed after the export`,
          TO_LINE_FEEDS,
          {
            line,
          },
        )
      } else {
        const waiting = this.#record(parsed, line, text.length)
        if (waiting) await waiting
      }
    }
    this.#hash.update(bytes.subarray(start, Math.max(start, end)))
  }

  #begin(line: unknown): void {
    const header = headerOf(line)
    const { formatVersion, partial } = header
    refusePartial(header, this.#options.partial)
    this.#upgrade = upgraderFrom(formatVersion)
    this.#isPartial = partial === true
    this.#writer.endsAtGaps = !this.#isPartial
    this.#hasHeader = true
  }

  #record(parsed: unknown, line: number, length: number): Promise<void> | undefined {
    this.#tally.records += 1
    let type: string | null = null
    try {
      const known = this.#kindOf(parsed)
      type = known.kind.type
      this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1)
      const row = known.codec.toRow(this.#upgrade ? this.#upgrade(parsed) : parsed)
      const waiting = this.#writer.add(known.kind, known.codec, row, line, length)
      return waiting && this.#written(waiting)
    } catch (error) {
      if (!(error instanceof LineError)) throw error
      return this.#fault(line, type, error.message)
    }
  }

  #kindOf(parsed: unknown) {
    if (parsed === undefined) throw new LineError('is not JSON')
    if (typeof parsed !== 'object' || parsed === null || !('type' in parsed))
      throw new LineError('is no record')
    const known = this.#kinds.get(String(parsed.type))
    if (known) return known
    throw new LineError(`has a type that is none of the records' (${[...this.#kinds.keys()].join(', ')})`)
  }

  /** Waits for the previous batch; a refused row of it may end the import. */
  async #written(waiting: Promise<void>): Promise<void> {
    await waiting
    this.#stopAtFault()
  }

  async #flush(): Promise<void> {
    await this.#writer.flush()
    this.#stopAtFault()
  }

  async #fault(line: number, type: string | null, message: string): Promise<void> {
    this.#tally.unread += 1
    this.#tally.fail({ line, type, message })
    if (!this.#skips) await this.#flush()
  }

  /**
   * In a partial file some records may no longer fit, which is no reason to lose the others too.
   */
  get #skips(): boolean {
    return (this.#options.onError ?? (this.#isPartial ? 'skip' : 'stop')) === 'skip'
  }

  #stopAtFault(): void {
    if (this.#skips) return
    const [first] = this.#tally.faults.toSorted((one, other) => one.line - other.line)
    if (first) throw new Stop(`line ${first.line}: ${first.message}`, MEND, { line: first.line })
  }

  #end(parsed: Readonly<Record<string, unknown>>, line: number): void {
    try {
      this.#trailer = { content: readTrailer(parsed), line }
    } catch (error) {
      if (!(error instanceof LineError)) throw error
      throw new Stop(`line ${line}, the trailer: ${error.message}`, GET_WHOLE, { line })
    }
  }

  #refuseAfterTrailer(line: number): void {
    if (!this.#trailer) return
    const message = `line ${line} stands behind the trailer in line ${this.#trailer.line}, which is a file's last: several files were joined`
    throw new Stop(message, 'Import each file by itself', { line })
  }

  /** Compares the file with its trailer. */
  #checkEnd(): boolean {
    if (!this.#hasHeader) throw noHeader(IS_EMPTY)
    if (!this.#trailer) {
      throw new Stop(`the file ends after line ${this.#line} without its trailer: it was cut off`, GET_WHOLE)
    }
    const { content, line } = this.#trailer
    const sum = this.#hash.digest('hex')
    const differing = differences(content, this.#tally.records, this.#counts)
    if (sum === content.sha256 && differing === undefined) return true
    // Lines skipped because of their content are reported separately.
    if (this.#tally.unread > 0) return false
    const what = differing ?? 'the checksum of the records is not the one in the trailer'
    const message = `the file is not as it was written: ${what}`
    throw new Stop(message, 'Get the file anew and import it again; what is equal is left alone', { line })
  }
}

/** @throws Stop if a stream does not begin as a readable export */
export async function readBeginning(
  source: AsyncIterable<Uint8Array>,
  { partial }: Pick<ImportOptions, 'partial'>,
): Promise<void> {
  const limits = { maxLineBytes: MAX_HEADER_BYTES, passed: () => undefined }
  try {
    for await (const block of readLines(gunzipped(source), limits)) {
      if (block.kind === 'fault') throw noHeader(block.message)
      const [first = ''] = block.lines
      return refusePartial(headerOf(parse(withoutMark(first))), partial)
    }
  } catch (error) {
    if (error instanceof UnpackError) throw new Stop(error.message, CHECK_FILE)
    throw error
  }
  throw noHeader(IS_EMPTY)
}

function headerOf(line: unknown): Header {
  try {
    return readHeader(line, { schemaVersion: latestVersion, purserVersion })
  } catch (error) {
    throw error instanceof LineError ? noHeader(error.message) : error
  }
}

function refusePartial(header: Header, isAccepted: boolean | undefined): void {
  if (header.partial === true && isAccepted !== true) throw new Stop(IS_PARTIAL, ACCEPT, { line: 1 })
}

function brokenAt({ line, message }: BrokenChain): Stop {
  return new Stop(`line ${line}: ${message}`, MEND_TRAIL, { line })
}

function noHeader(message: string): Stop {
  return new Stop(`line 1 ${message}`, CHECK_FILE, { line: 1 })
}

function differences(
  trailer: Trailer,
  records: number,
  counts: ReadonlyMap<string, number>,
): string | undefined {
  if (trailer.records !== records) return `it has ${records} records, and the trailer says ${trailer.records}`
  for (const [type, count] of Object.entries(trailer.counts)) {
    const found = counts.get(type) ?? 0
    if (found !== count)
      return `it has ${found} of the kind ${type.slice(0, 60)}, and the trailer says ${count}`
  }
  return undefined
}

/** The offset at which the given number of last lines of a block begins. */
function startOf(bytes: Buffer, count: number): number {
  let start = bytes.at(-1) === LINE_FEED ? bytes.length - 1 : bytes.length
  for (let left = count; left > 0 && start > 0; left -= 1) start = bytes.lastIndexOf(LINE_FEED, start - 1)
  return start + 1
}

function isBlank(text: string): boolean {
  return text.trim() === ''
}

/** The first line without the byte-order mark that some programs put before a text. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/** Undefined for text that is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isTrailer(parsed: unknown): parsed is Readonly<Record<string, unknown>> {
  return typeof parsed === 'object' && parsed !== null && (parsed as { type?: unknown }).type === 'trailer'
}
