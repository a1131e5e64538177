// `purser copy`: copies a whole database into another one, of any engine, reads it back, and
// reports for every table whether it is equal.

import type { CopyProgress, CopyReport, Store } from '../../../index.ts'
import { text, toggle, word } from '../../flags/flags.ts'
import { type Call, defineCommand, endingWith, type Outcome } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { interruptionSignal } from '../../run/interrupt.ts'
import { useUnprepared } from '../../run/session.ts'
import { createProgress } from '../../screen/progress.ts'
import { createRate } from '../../screen/throughput.ts'
import { copyText } from './copy-view.ts'

const flags = {
  from: text('url', 'the database to copy (default: the one that --url, PURSER_URL or the config file name)'),
  to: text('url', 'the database to copy to; it has to be empty, or not there yet'),
  toTenant: text('name', "the organisation's own database at --to (default: the one of --tenant)"),
  merge: toggle('add to a database that is not empty; rows that are there stay as they are'),
  onError: word(
    ['stop', 'skip'],
    'what to do with a row that cannot be read, or that the other database cannot hold (default: stop)',
  ),
}

type CopyCall = Call<Record<never, never>, typeof flags>

export const copy = defineCommand({
  name: 'copy',
  summary: 'copy everything into another database, of any engine, and check it',
  description:
    'Copy every record into another database, on a file or a server, and read it again: rows and checksums of each table, which are the same on every engine. The source is one view of what was there when the copy began, and may be used meanwhile. A copy that was cut off resumes when it is run again. The exit code is 3 when something was left out, or is not the same.',
  flags,
  examples: [
    ['from a file to a server', 'copy --from sqlite:purser.db --to postgres://localhost/agents'],
    ['back into a file', 'copy --from postgres://localhost/agents --to sqlite:agents.db'],
    [
      'what can be read of a damaged file',
      'copy --from sqlite:damaged.db --to sqlite:new.db --on-error skip',
    ],
    ['two stores into one', 'copy --from sqlite:other.db --to sqlite:purser.db --merge'],
  ],
  run: async (call) => {
    const { from, to } = call.flags
    if (to === undefined) {
      throw new UsageError('--to is missing: name the database to copy to, for example --to sqlite:copy.db')
    }
    return call.withStore(
      'existing',
      (source) => withTarget(call, to, (target) => run(call, source, target)),
      from,
    )
  },
})

/** Opens the target as it is: the copy creates its schema, once all preconditions are met. */
function withTarget<T>(call: CopyCall, url: string, work: (target: Store) => Promise<T>): Promise<T> {
  const tenant = call.flags.toTenant ?? call.global.tenant
  return useUnprepared({ ...call.global, url, ...(tenant === undefined ? {} : { tenant }) }, work)
}

const phases: Readonly<Record<CopyProgress['phase'], string>> = {
  compare: 'comparing',
  copy: 'copying',
  verify: 'checking',
}

async function run(call: CopyCall, source: Store, target: Store): Promise<Outcome> {
  const { copyRecords } = await import('../../../index.ts')
  const progress = createProgress(process.stderr, call.screen.paint, call.global.quiet)
  const signal = interruptionSignal()
  let [phase, rate] = ['', createRate()]
  try {
    const report = await copyRecords(source, target, {
      merge: call.flags.merge,
      onError: call.flags.onError,
      signal,
      progress: ({ phase: current, table, rows, total }) => {
        if (current !== phase) [phase, rate] = [current, createRate()]
        const share = total === 0 ? 1 : rows / total
        progress.update(
          share,
          `${phases[current]} ${table.replaceAll('_', ' ')}  ${rate.describe(rows, share)}`,
        )
      },
    })
    return outcome(call, source, target, report)
  } catch (error) {
    if (signal.aborted) call.note('warn', `interrupted: ${goOn}`)
    else if (isPassing(error)) call.note('info', goOn)
    throw error
  } finally {
    progress.clear()
  }
}

const goOn = 'what is copied stays; run the same command again to go on'

/** The connection was lost; the database may come back. */
function isPassing(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === true
}

function outcome(call: CopyCall, source: Store, target: Store, report: CopyReport): Outcome {
  const { durationMs, ...rest } = report
  const places = { from: source.location, to: target.location }
  return {
    data: { ...places, ...rest, durationMs: Math.round(durationMs * 10) / 10 },
    ...endingWith(
      !report.ok && { code: 'COPY_DIFFERS', text: 'The target differs from the source; see problems.' },
    ),
    show: (screen) => copyText(screen, call.global, call.flags.to ?? '', places, report),
  }
}
