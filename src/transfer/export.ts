// Writes a whole store as lines of JSON, in pieces as they are asked for: what is under way takes the same memory however much there is.
// Files, compression and standard output are export-file.ts's.

import { setImmediate as turn } from 'node:timers/promises'
import { z } from 'zod'
import { events } from '../events.ts'
import type { Store } from '../persistence-backend.ts'
import { aFunction, anAbortSignal, readOptions } from '../records/arguments.ts'
import { internalsOf } from '../store-internals.ts'
import { purserVersion } from '../version.ts'
import { FORMAT, FORMAT_VERSION, type Header, LineSums, type Trailer } from './file-format.ts'
import { countRows, readRows } from './read-rows.ts'
import { recordKinds } from './record-kind.ts'
import { createLineCodec } from './record-line.ts'
import { type RecordType, recordTypes } from './words.ts'

const PAGE = 250

export interface ExportProgress {
  /** The kind under way. */
  readonly type: string
  readonly records: number
  /** How many records there will be. */
  readonly total: number
}

export interface ExportOptions {
  /** Only these kinds. Records that refer to others can be imported only where those are. */
  readonly types?: readonly RecordType[]
  /** Ends the export: it throws the signal's reason. */
  readonly signal?: AbortSignal | undefined
  readonly progress?: ((progress: ExportProgress) => void) | undefined
}

/** What the options may be. */
export const exportOptions = {
  types: z.array(z.enum(recordTypes)),
  signal: anAbortSignal,
  progress: aFunction,
} satisfies Record<keyof ExportOptions, unknown>

/** What was written. The sums are those of the last line. */
export interface ExportReport extends Omit<Trailer, 'type'> {
  readonly bytes: number
  readonly durationMs: number
}

/**
 * The whole store as JSON Lines: a header, a line for each record, a trailer with counts and SHA-256. All of it is one view of the
 * store, whatever others write meanwhile; equal content gives equal record lines on every engine. Nothing is read before a piece is
 * asked for. docs/export-format.md describes the lines.
 * @returns pieces of UTF-8 text, and in the end what was written
 * @throws MigrationError when the database is not at this build's version, PersistenceConnectionError when it cannot be read any more
 * @example
 * for await (const piece of exportRecords(store)) file.write(piece)
 */
export async function* exportRecords(
  store: Store,
  options: ExportOptions = {},
): AsyncGenerator<Uint8Array, ExportReport, undefined> {
  const { engine, state, events: publisher, assertUsable } = internalsOf(store)
  const { types, signal, progress } = readOptions('exportRecords', exportOptions, options)
  const started = performance.now()
  assertUsable()
  await state.assertCurrent()
  const kinds = recordKinds.filter(({ type }) => types === undefined || types.some((one) => one === type))
  const sums = new LineSums(kinds.map(({ type }) => type))
  let [records, total, bytes] = [0, 0, 0]
  const piece = (text: string): Buffer => {
    const buffer = Buffer.from(text)
    bytes += buffer.length
    return buffer
  }
  const snapshot = await engine.snapshot()
  try {
    const header: Header = {
      type: 'header',
      format: FORMAT,
      formatVersion: FORMAT_VERSION,
      schemaVersion: await state.version(),
      purserVersion,
      createdAt: new Date().toISOString(),
      engine: store.backendName,
      ...(types && { types: kinds.map(({ type }) => type) }),
    }
    yield piece(`${JSON.stringify(header)}\n`)
    for (const kind of kinds) total += await countRows(engine, snapshot, kind)
    for (const kind of kinds) {
      const { toLine } = createLineCodec(kind, engine.codec)
      for await (const rows of readRows(engine, snapshot, kind, PAGE)) {
        signal?.throwIfAborted()
        let text = ''
        for (const row of rows) text += `${toLine(row)}\n`
        const lines = piece(text)
        sums.add(kind.type, rows.length, lines)
        records += rows.length
        yield lines
        progress?.({ type: kind.type, records, total })
        // Reading a file never waits: signals and others are let in here.
        await turn()
      }
    }
    signal?.throwIfAborted()
    const trailer = sums.trailer()
    yield piece(`${JSON.stringify(trailer)}\n`)
    const { type: _, ...written } = trailer
    const report = { ...written, bytes, durationMs: performance.now() - started }
    publisher.emit(events.transferExported, { records, bytes, durationMs: report.durationMs })
    return report
  } finally {
    await snapshot.close()
  }
}
