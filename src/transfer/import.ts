// Reads a file of records into a store: line by line, in constant memory, and repeatably, since
// existing records are left unchanged. The file is not trusted: lines are bounded, validated like a
// caller's input, and compared with the file's own checksums.

import { z } from 'zod'
import { TransferError, type Transferred } from '../errors.ts'
import { events } from '../observability/events.ts'
import { aFunction, anAbortSignal, readOptions } from '../records/repository/arguments.ts'
import type { Store } from '../store/store.ts'
import { internalsOf } from '../store/store-internals.ts'
import { errorPolicies } from './enums.ts'
import type { ImportOptions } from './import/import-options.ts'
import { FileReader, readBeginning, Stop } from './import/import-reader.ts'
import { ImportTally, type LineFault } from './import/import-tally.ts'
import { ImportWriter } from './import/import-writer.ts'
import type { PartialContent } from './rows/file-format.ts'

export type { ImportOptions, ImportProgress } from './import/import-options.ts'

const importOptions = {
  onError: z.enum(errorPolicies),
  dryRun: z.boolean(),
  partial: z.boolean(),
  maxLineBytes: z.int().min(1),
  signal: anAbortSignal,
  progress: aFunction,
} satisfies Record<keyof ImportOptions, unknown>

/** The actor of imported records in the feed of changes. */
const ACTOR = 'import'

export interface ImportReport extends Transferred {
  /** Lines of records in the file. */
  readonly records: number
  readonly byType: Readonly<Record<string, Transferred>>
  /** The first hundred lines that were skipped; `failed` counts all. */
  readonly errors: readonly LineFault[]
  /**
   * The file matches its trailer. If lines could not be read, it may not; then others may have been
   * changed too.
   */
  readonly intact: boolean
  /** What the file lacks of the store that it was exported from; null if it is complete. */
  readonly partial: PartialContent | null
  readonly durationMs: number
}

/**
 * Stores the records of a file that `exportRecords` wrote, on any engine; gzip is recognised by its
 * first bytes. Existing equal records are left unchanged, so an import that ended early can simply
 * be repeated. Records are stored in batches, each durable before the next one is written: what was
 * stored remains, whatever happens after it. No events of single records are published.
 * @throws TransferError at the first line that cannot be stored (unless those are skipped), and if
 * the file is not an export, is partial (unless `partial` is given), was written by a newer Purser,
 * is truncated, or does not match its trailer; `line` and `transferred` say where and how far
 * @throws MigrationError if the store is not at this build's version, and what any write throws
 * @example
 * const report = await importRecords(store, createReadStream('records.jsonl.gz'))
 */
export async function importRecords(
  store: Store,
  source: AsyncIterable<Uint8Array>,
  given: ImportOptions = {},
): Promise<ImportReport> {
  const options = readOptions('importRecords', importOptions, given)
  const { engine, state, events: publisher, assertUsable, noteOf, committed } = internalsOf(store)
  assertUsable()
  await state.assertCurrent()
  const started = performance.now()
  const tally = new ImportTally()
  const writer = new ImportWriter(engine, tally, options.dryRun === true, (operations) =>
    noteOf(operations, ACTOR),
  )
  const reader = new FileReader(engine.codec, tally, writer, options)
  let intact: boolean
  try {
    intact = await reader.run(source)
  } catch (error) {
    const known = await withTally(error, tally, writer)
    throw options.signal?.aborted ? options.signal.reason : known
  } finally {
    committed()
  }
  const durationMs = performance.now() - started
  const { records } = tally
  publisher.emit(events.transferImported, { records, ...tally.transferred, durationMs })
  return {
    records,
    ...tally.transferred,
    byType: tally.byType,
    errors: tally.faults,
    intact,
    partial: reader.partial,
    durationMs,
  }
}

/**
 * Examines only the beginning of a file.
 * @throws TransferError if this build cannot import it, or it is partial and that is not allowed
 */
export async function checkImportable(
  source: AsyncIterable<Uint8Array>,
  options: Pick<ImportOptions, 'partial'> = {},
): Promise<void> {
  try {
    await readBeginning(source, options)
  } catch (error) {
    throw await withTally(error, new ImportTally())
  }
}

/** Waits for pending work, so that the counts are final. */
async function withTally(error: unknown, tally: ImportTally, writer?: ImportWriter): Promise<unknown> {
  await writer?.settled().catch(() => undefined)
  if (error instanceof Stop) {
    const { stored } = tally.transferred
    const so = stored === 0 ? 'nothing was stored' : `${stored} records were stored and stay`
    return new TransferError(`${error.message}; ${so}. ${error.advice}`, {
      transferred: tally.transferred,
      line: error.line,
      cause: error.cause,
    })
  }
  return error
}
