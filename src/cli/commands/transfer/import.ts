// `purser import`: stores the records of a file that `purser export` wrote. Existing records are
// left unchanged, so the same command resumes an import that ended early.

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { isOpenDatabase } from '../../../engines/core/open-files.ts'
import type { ImportProgress, ImportReport, Store } from '../../../index.ts'
import { errorPolicies } from '../../../transfer/enums.ts'
import { toggle, whole, word } from '../../flags/flags.ts'
import { type Call, defineCommand, endingWith, type Outcome, required } from '../../run/command.ts'
import { CommandError } from '../../run/failure.ts'
import { interruptionSignal } from '../../run/interrupt.ts'
import { locate } from '../../run/session.ts'
import { keepMemorySmall } from '../../run/v8-heap.ts'
import { duration } from '../../screen/amounts.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { createProgress } from '../../screen/progress.ts'
import type { Screen } from '../../screen/screen.ts'
import { createRate } from '../../screen/throughput.ts'
import { faultTable, importTable } from './transfer-view.ts'

/** Bytes that are read at once. */
const PIECE = 262_144

const args = { file: required('a file that purser export wrote, compressed or not, or - for standard input') }

const flags = {
  onError: word(
    errorPolicies,
    'at a line that cannot be stored: end the import (default), or leave the line out and go on',
  ),
  partial: toggle(
    'take a partial file, made by export --salvage of a damaged database: without it such a file is refused',
  ),
  dryRun: toggle('check every line and the checksum, and store nothing'),
  maxLine: whole('bytes', 'the longest line that is read (default 67108864)', { min: 1 }),
}

type ImportCall = Call<typeof args, typeof flags>

export const importCommand = defineCommand({
  name: 'import',
  summary: 'store the records of a file that export wrote',
  description:
    'Store the records of a file that purser export wrote, on any engine; a database that is not there is made. Records that are there already are left alone, and one that differs is never changed, so an import that ended early is simply repeated. The exit code is 3 when lines were left out, or the file is partial.',
  args,
  flags,
  examples: [
    ['store everything of a file', 'import purser.jsonl.gz'],
    ['behind "purser export --url sqlite:purser.db |"', 'import - --url postgres://localhost/agents'],
    ['is the file whole?', 'import purser.jsonl.gz --dry-run'],
    ['whatever can be stored of a damaged file', 'import purser.jsonl --on-error skip'],
    ['what export --salvage could read', 'import rescued.jsonl.gz --partial --url sqlite:new.db'],
  ],
  run: async (call) => {
    keepMemorySmall()
    const { file } = call.args
    const size = file === '-' ? null : await sizeOf(file)
    const { isNew } = await locate(call.global)
    // No database is created for a file that cannot be imported, nor for a mere check of one.
    if (isNew && file !== '-') await checkBeginning(file, call.flags.partial)
    const url = isNew && call.flags.dryRun ? 'sqlite::memory:' : undefined
    return call.withStore('create', (store) => run(call, store, size), url)
  },
})

async function run(call: ImportCall, store: Store, size: number | null): Promise<Outcome> {
  const { importRecords } = await import('../../../index.ts')
  const { file } = call.args
  if (file !== '-' && isOpenDatabase(file))
    throw new CommandError('NO_FILE', `${file} is the database itself, and no file that purser export wrote`)
  const { onError, dryRun, maxLine, partial } = call.flags
  const signal = interruptionSignal()
  const progress = createProgress(process.stderr, call.screen.paint, call.global.quiet)
  const rate = createRate()
  const stream = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: PIECE })
  // A pipe may be silent for a long time.
  signal.addEventListener('abort', () => stream.destroy(), { once: true })
  const source = counted(stream)
  let last: ImportProgress | undefined
  try {
    const report = await importRecords(store, source.pieces, {
      onError,
      dryRun,
      partial,
      maxLineBytes: maxLine,
      signal,
      progress: (now) => {
        last = now
        const share = size === null || size === 0 ? null : Math.min(1, source.bytes() / size)
        progress.update(share, rate.describe(now.records, share))
      },
    })
    noteMissing(call, report)
    if (!report.intact) call.note('warn', changed, 'NOT_INTACT')
    return {
      data: { file, dryRun, ...report, durationMs: Math.round(report.durationMs * 10) / 10 },
      ...endingWith(
        (report.failed > 0 || report.partial) && {
          code: 'IN_PART',
          text: 'Not everything of the export was stored.',
        },
      ),
      show: (screen) => shown(screen, call, store, report),
    }
  } catch (error) {
    tellHowFar(call, error, signal.aborted, last?.stored ?? 0)
    throw readable(error, file)
  } finally {
    progress.clear()
  }
}

function noteMissing(call: ImportCall, { partial }: ImportReport): void {
  if (!partial) return
  const amount = partial.lost === 1 ? '1 loss is' : `${partial.lost.toLocaleString('en')} losses are`
  call.note(
    'warn',
    `the file is partial: what the damaged database had beside this is not in it; ${amount} listed in its last line`,
    'PARTIAL',
  )
}

async function checkBeginning(file: string, partial: boolean): Promise<void> {
  const { checkImportable } = await import('../../../transfer/import.ts')
  const stream = createReadStream(file)
  try {
    await checkImportable(stream, { partial })
  } catch (error) {
    throw readable(error, file)
  } finally {
    stream.destroy()
  }
}

const changed =
  'the checksum of the file is not the one in its last line: lines that were stored may have been changed, too'

/** Errors of lines already say how far the import came. */
function tellHowFar(call: ImportCall, error: unknown, isInterrupted: boolean, stored: number): void {
  if (error instanceof Error && 'transferred' in error) return
  if (stored === 0 && !isInterrupted) return
  const start = isInterrupted ? 'interrupted: ' : ''
  const records = stored === 1 ? '1 record is' : `${stored.toLocaleString('en')} records are`
  call.note('warn', `${start}${records} stored; the same command goes on from there`, 'INCOMPLETE')
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file)
    if (found.isDirectory()) throw new CommandError('NO_FILE', `${file} is a folder; name the file in it`)
    return found.size
  } catch (error) {
    throw readable(error, file)
  }
}

const faults: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'there is no such folder',
}

/** The system's error for the file, as a sentence. */
function readable(error: unknown, file: string): unknown {
  if (!(error instanceof Error && 'errno' in error && 'syscall' in error)) return error
  const code = 'code' in error ? String(error.code) : ''
  return new CommandError('NO_FILE', `${file} cannot be read: ${faults[code] ?? code}`)
}

/** A stream that counts how much of it was read. */
function counted(stream: AsyncIterable<Uint8Array>) {
  let bytes = 0
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const piece of stream) {
      bytes += piece.length
      yield piece
    }
  }
  return { bytes: () => bytes, pieces: pieces() }
}

function shown(screen: Screen, call: ImportCall, store: Store, report: ImportReport): string {
  const lines = [summary(call, store, report)]
  if (report.records > 0 && !call.flags.dryRun) lines.push('', ...importTable(screen, report))
  if (report.failed > 0) lines.push('', ...faultTable(screen, report))
  if (screen.quiet || report.records === 0) return lines.join('\n')
  const next = call.flags.dryRun ? ['import', call.args.file] : ['status']
  return [
    ...lines,
    '',
    screen.paint.dim('Next:'),
    `  ${commandLine(screen, [...next, ...sameDatabase(call.global)])}`,
  ].join('\n')
}

function summary(call: ImportCall, store: Store, report: ImportReport): string {
  const { records, stored, unchanged, failed, partial, durationMs } = report
  const amount = (count: number) => count.toLocaleString('en')
  const file = call.args.file === '-' ? 'Standard input' : call.args.file
  if (records === 0) return `${file} holds no records`
  if (call.flags.dryRun) {
    const what = records === 1 ? '1 record' : `${amount(records)} records`
    return failed === 0
      ? `${file} is ${partial ? 'partial, and as it was written' : 'whole'}: ${what}; nothing was stored`
      : `${file} has ${what}, of which ${amount(failed)} cannot be stored; nothing was stored`
  }
  const also = [
    ...(unchanged > 0 ? [`${amount(unchanged)} there already`] : []),
    ...(failed > 0 ? [`${amount(failed)} left out`] : []),
  ].map((part) => `; ${part}`)
  const origin = partial ? ' of a partial file' : ''
  return `Stored ${stored === 1 ? '1 record' : `${amount(stored)} records`}${origin} in ${store.location} in ${duration(durationMs)}${also.join('')}`
}
