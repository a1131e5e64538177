// Reads a file of records into a store: line by line, in constant memory, and as often as wanted, since a record that is there already is
// left alone. Nothing of the file is trusted: lines are bounded, checked as a caller's input is, and held against the file's own sums.

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

export interface ImportReport extends Transferred {
  /** Lines of records in the file. */
  readonly records: number
  readonly byType: Readonly<Record<string, Transferred>>
  /** The first hundred lines that were left out; `failed` counts all. */
  readonly errors: readonly LineFault[]
  /** The file has what its last line says. Where lines could not be read, it may be otherwise; then others may have been changed too. */
  readonly intact: boolean
  /** What the file lacks of the store that it was exported from; null when it is whole. */
  readonly partial: PartialContent | null
  readonly durationMs: number
}

/**
 * Stores the records of a file that `exportRecords` wrote, on any engine; gzip is told by its first bytes. Records that are there already
 * and equal are left alone, so an import that ended early is repeated as it is. Records are stored in sets, each durable before the next
 * one is written: what was stored stays, whatever happens after it. No events of single records are published.
 * @throws TransferError at the first line that cannot be stored (unless those are skipped), and where the file is no such file, is partial
 *   (unless `partial` is given), is of a newer Purser, was cut off, or does not hold what its last line says; `line` and `transferred` tell where and how far
 * @throws MigrationError when the store is not at this build's version, and what any write throws
 * @example
 * const report = await importRecords(store, createReadStream('records.jsonl.gz'))
 */
export async function importRecords(
  store: Store,
  source: AsyncIterable<Uint8Array>,
  given: ImportOptions = {},
): Promise<ImportReport> {
  const options = readOptions('importRecords', importOptions, given)
  const { engine, state, events: publisher, assertUsable } = internalsOf(store)
  assertUsable()
  await state.assertCurrent()
  const started = performance.now()
  const tally = new ImportTally()
  const writer = new ImportWriter(engine, tally, options.dryRun === true)
  const reader = new FileReader(engine.codec, tally, writer, options)
  let intact: boolean
  try {
    intact = await reader.run(source)
  } catch (error) {
    const known = await told(error, tally, writer)
    throw options.signal?.aborted ? options.signal.reason : known
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
 * Looks at the beginning of a file alone.
 * @throws TransferError when it is none that this build can import, or a partial one that is not asked for
 */
export async function checkImportable(
  source: AsyncIterable<Uint8Array>,
  options: Pick<ImportOptions, 'partial'> = {},
): Promise<void> {
  try {
    await readBeginning(source, options)
  } catch (error) {
    throw await told(error, new ImportTally())
  }
}

/** Ends what is under way, so that the counts are final. */
async function told(error: unknown, tally: ImportTally, writer?: ImportWriter): Promise<unknown> {
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
