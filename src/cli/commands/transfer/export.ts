// `purser export`: writes every record as a line of JSON, to a file or to standard output. In the
// latter case the lines themselves are the output, so this is the one command that prints by
// itself.

import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { ExportProgress, ExportReport, Store } from '../../../index.ts'
import { recordTypes } from '../../../transfer/enums.ts'
import { text, toggle, words } from '../../flags/flags.ts'
import { recordNamed } from '../../flags/record-names.ts'
import { type Call, defineCommand, endingWith, type Outcome } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { interruptionSignal } from '../../run/interrupt.ts'
import { keepMemorySmall } from '../../run/v8-heap.ts'
import { bytes, duration } from '../../screen/amounts.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { createProgress } from '../../screen/progress.ts'
import type { Screen } from '../../screen/screen.ts'
import { createRate } from '../../screen/throughput.ts'
import { countLines, noteLosses } from './transfer-view.ts'

const flags = {
  out: text('file', 'write to this file, compressed when it ends in .gz (default, or -: standard output)'),
  force: toggle('replace a file of that name'),
  salvage: toggle('go past what cannot be read in a damaged database: leave it out, list it, and end with 3'),
  types: words(recordTypes, 'only these kinds of records (default: all)', { named: recordNamed }),
}

type ExportCall = Call<Record<never, never>, typeof flags>

const IN_PART = { code: 'IN_PART', text: 'Something could not be read, and was left out.' }

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'write every record as a line of JSON, to a file or to standard output',
  description:
    'Write every record as a line of JSON: a header, one line a record, and a last line with counts and SHA-256. Everything is one view of the database, whatever others write meanwhile. purser import reads the lines on any engine. The exit code is 3 when something could not be read and --salvage left it out; the file says so itself.',
  flags,
  examples: [
    ['everything into a compressed file', 'export --out purser.jsonl.gz'],
    ['the messages alone, for another program', 'export --types message'],
    ['the file anew', 'export --out purser.jsonl.gz --force'],
    ['what can be read of a damaged database', 'export --salvage --out rescued.jsonl.gz'],
  ],
  run: async (call) => {
    keepMemorySmall()
    const { out, force } = call.flags
    if (out === undefined || out === '-') {
      if (force) throw new UsageError('--force goes with --out FILE')
      if (call.global.json)
        throw new UsageError(
          '--json prints one document on standard output, where the records would go; name a file with --out',
        )
      const { partial } = await call.withStore('existing', (store) => toOutput(call, store))
      return { data: null, ...endingWith(partial && IN_PART), show: () => '' }
    }
    if (!force && existsSync(out))
      throw new UsageError(`${out} is there already; choose another name, or replace it with --force`)
    return call.withStore('existing', (store) => toFile(call, store, out))
  },
})

function settings(call: ExportCall, isShown: boolean) {
  const { types, salvage } = call.flags
  const progress = createProgress(process.stderr, call.screen.paint, call.global.quiet || !isShown)
  const rate = createRate()
  return {
    progress,
    options: {
      ...(types.length > 0 && { types }),
      salvage,
      signal: interruptionSignal(),
      progress: ({ type, records, total }: ExportProgress) => {
        const share = total === 0 ? 1 : records / total
        progress.update(share, `${type.replaceAll('_', ' ')}  ${rate.describe(records, share)}`)
      },
    },
  }
}

async function toOutput(call: ExportCall, store: Store): Promise<ExportReport> {
  const { exportRecords } = await import('../../../index.ts')
  const { progress, options } = settings(call, process.stdout.isTTY !== true)
  try {
    const pieces = exportRecords(store, options)
    for (;;) {
      const { done, value } = await pieces.next()
      if (done) {
        noteLosses(call, value.partial)
        return value
      }
      if (!process.stdout.write(value)) await once(process.stdout, 'drain')
    }
  } catch (error) {
    if (options.signal.aborted) call.note('warn', 'interrupted: the output is cut off')
    throw error
  } finally {
    progress.clear()
  }
}

async function toFile(call: ExportCall, store: Store, out: string): Promise<Outcome> {
  const { exportToFile } = await import('../../../index.ts')
  const { progress, options } = settings(call, true)
  try {
    const report = await exportToFile(store, out, { ...options, replace: call.flags.force })
    const { path, fileBytes, durationMs, ...written } = report
    noteLosses(call, report.partial)
    return {
      ...endingWith(report.partial && IN_PART),
      data: { path, fileBytes, ...written, durationMs: Math.round(durationMs * 10) / 10 },
      show: (screen) => shown(screen, call, out, report, fileBytes),
    }
  } catch (error) {
    if (options.signal.aborted) call.note('warn', `interrupted: ${out} was not written`)
    throw error
  } finally {
    progress.clear()
  }
}

function shown(
  screen: Screen,
  call: ExportCall,
  out: string,
  report: ExportReport,
  fileBytes: number,
): string {
  const { records, counts, durationMs } = report
  const what = records === 1 ? '1 record' : `${records.toLocaleString('en')} records`
  const lines = [
    records === 0
      ? `There are no records; ${out} says so (${bytes(fileBytes)})`
      : `Wrote ${what} to ${report.partial ? 'the partial file ' : ''}${out} (${bytes(fileBytes)}) in ${duration(durationMs)}`,
    ...(records === 0 ? [] : ['', ...countLines(counts)]),
  ]
  if (screen.quiet) return lines.join('\n')
  const { url: _, ...place } = call.global
  return [
    ...lines,
    '',
    screen.paint.dim('Into another database:'),
    `  ${commandLine(screen, ['import', out, ...(report.partial ? ['--partial'] : []), '--url', 'sqlite:other.db', ...sameDatabase(place)])}`,
  ].join('\n')
}
