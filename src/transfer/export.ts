// Writes a whole store as lines of JSON, in chunks on demand: memory use is constant regardless of
// the size. Files, compression and standard output are handled in export-file.ts.

import { setImmediate as turn } from 'node:timers/promises'
import { z } from 'zod'
import { events } from '../observability/events.ts'
import { aFunction, anAbortSignal, readOptions } from '../records/repository/arguments.ts'
import type { Store } from '../store/store.ts'
import { internalsOf } from '../store/store-internals.ts'
import { purserVersion } from '../version.ts'
import { type RecordType, recordTypes } from './enums.ts'
import { Losses } from './losses.ts'
import { FORMAT, FORMAT_VERSION, type Header, LineChecksums, type Trailer } from './rows/file-format.ts'
import { readRows } from './rows/read-rows.ts'
import { recordKinds } from './rows/record-kind.ts'
import { createLineCodec } from './rows/record-line.ts'
import { countWholly, readSalvaged, surveyRows, wholly } from './salvage.ts'

const PAGE = 250
const EXPORT_ADVICE =
  'To export what can be read, with a list of what cannot, run purser export --salvage (salvage: true)'

export interface ExportProgress {
  /** The current kind. */
  readonly type: string
  readonly records: number
  /** How many records there will be. */
  readonly total: number
}

export interface ExportOptions {
  /** Only these kinds. Records that refer to others can be imported only where those exist. */
  readonly types?: readonly RecordType[]
  /** Aborts the export: it throws the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * Skips what cannot be read: rows on damaged pages are left out and reported, and references to
   * them are removed. The tables are read once before, to find what is lost. The report and the
   * file list it under `partial`.
   */
  readonly salvage?: boolean | undefined
  readonly progress?: ((progress: ExportProgress) => void) | undefined
}

/** The allowed options. */
export const exportOptions = {
  types: z.array(z.enum(recordTypes)),
  signal: anAbortSignal,
  salvage: z.boolean(),
  progress: aFunction,
} satisfies Record<keyof ExportOptions, unknown>

/** What was written. The checksums are those of the last line. */
export interface ExportReport extends Omit<Trailer, 'type'> {
  readonly bytes: number
  readonly durationMs: number
}

/**
 * The whole store as JSON Lines: a header, a line for each record, a trailer with counts and
 * SHA-256. All of it is one snapshot of the store, whatever others write meanwhile; equal content
 * gives equal record lines on every engine. Nothing is read before a chunk is requested.
 * docs/export-format.md describes the lines.
 * @returns chunks of UTF-8 text, and at the end what was written
 * @throws MigrationError if the database is not at this build's version, PersistenceConnectionError
 * if it becomes unreachable, QueryError (not retryable) if a part of it cannot be read, unless
 * `salvage` is given: what was yielded by then has no trailer
 * @example
 * for await (const piece of exportRecords(store)) file.write(piece)
 */
export async function* exportRecords(
  store: Store,
  options: ExportOptions = {},
): AsyncGenerator<Uint8Array, ExportReport, undefined> {
  const { engine, state, events: publisher, assertUsable } = internalsOf(store)
  const { types, signal, salvage = false, progress } = readOptions('exportRecords', exportOptions, options)
  const started = performance.now()
  assertUsable()
  await state.assertCurrent()
  const kinds = recordKinds.filter(({ type }) => types === undefined || types.some((one) => one === type))
  const sums = new LineChecksums(kinds.map(({ type }) => type))
  let [records, total, bytes] = [0, 0, 0]
  const piece = (text: string): Buffer => {
    const buffer = Buffer.from(text)
    bytes += buffer.length
    return buffer
  }
  const snapshot = await engine.snapshot()
  const losses = new Losses()
  const proceed = () => signal?.throwIfAborted()
  try {
    const surveys = salvage ? await surveyRows(engine, snapshot, kinds, proceed) : undefined
    const header: Header = {
      type: 'header',
      format: FORMAT,
      formatVersion: FORMAT_VERSION,
      schemaVersion: await state.version(),
      purserVersion,
      createdAt: new Date().toISOString(),
      engine: store.backendName,
      ...(types && { types: kinds.map(({ type }) => type) }),
      ...([...(surveys?.values() ?? [])].some((one) => one.losses.length > 0) && { partial: true }),
    }
    yield piece(`${JSON.stringify(header)}\n`)
    for (const kind of kinds)
      total +=
        surveys?.get(kind.shape.table)?.found.length ??
        (await countWholly(engine, snapshot, kind, EXPORT_ADVICE))
    for (const kind of kinds) {
      const { toLine } = createLineCodec(kind, engine.codec)
      const all = surveys
        ? readSalvaged(engine, snapshot, kind, surveys, PAGE, (loss) => losses.add(loss))
        : wholly(kind, readRows(engine, snapshot, kind, PAGE), EXPORT_ADVICE)
      for await (const rows of all) {
        signal?.throwIfAborted()
        let text = ''
        for (const row of rows) text += `${toLine(row)}\n`
        const lines = piece(text)
        sums.add(kind.type, rows.length, lines)
        records += rows.length
        yield lines
        progress?.({ type: kind.type, records, total })
        // Reading a file never yields: let signals and other work run here.
        await turn()
      }
    }
    signal?.throwIfAborted()
    const partial = losses.count > 0 ? { lost: losses.count, losses: losses.kept } : undefined
    const trailer: Trailer = { ...sums.trailer(), ...(partial && { partial }) }
    yield piece(`${JSON.stringify(trailer)}\n`)
    const { type: _, ...written } = trailer
    const report = { ...written, bytes, durationMs: performance.now() - started }
    publisher.emit(events.transferExported, { records, bytes, durationMs: report.durationMs })
    return report
  } finally {
    await snapshot.close()
  }
}
