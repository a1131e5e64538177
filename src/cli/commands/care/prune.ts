// `purser prune`: deletes old messages, cost records and audit entries, or with --dry-run says what
// it would delete. Asks first.

import type { RetentionPreview, RetentionRequest, RetentionResult, Store } from '../../../index.ts'
import { type ChangeCall, defineChange } from '../../flags/actor-flag.ts'
import { time, toggle, under, whole } from '../../flags/flags.ts'
import type { Outcome } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { createProgress } from '../../screen/progress.ts'
import { counted, grouped } from '../../screen/text.ts'
import { nothingToPrune, previewText, pruneQuestion, resultText } from './prune-view.ts'

/** The same as in the library; help is shown without loading that. */
const USUAL_ROWS = 100_000

const kinds = under('What goes:', {
  messages: time('messages older than this: an age such as 90d, 2w or 1y, a date, or a time with offset'),
  costs: time('cost records older than this; totals of costs stay as they are'),
  audit: time('audit entries older than this; the rest of the trail can be verified as before'),
})

const flags = {
  ...kinds,
  dryRun: toggle('show what would go, and change nothing'),
  maxRows: whole('n', `rows to remove at the most (default ${USUAL_ROWS})`, { min: 1 }),
  yes: toggle('do not ask'),
}

type PruneCall = ChangeCall<Record<never, never>, typeof flags>

export const prune = defineChange({
  name: 'prune',
  summary: 'remove old messages, cost records and audit entries',
  description:
    'Remove what is older than the ages that are given, or configured under `retention`; oldest first, in short transactions, and no more than --max-rows at once. Totals of costs stay exact. The audit trail is cut off at its beginning, and the cut is signed off in the trail itself, so that purser audit verify still proves the rest. Asks first.',
  flags,
  examples: [
    ['what would go', 'prune --messages 90d --costs 400d --dry-run'],
    ['remove it, after a question', 'prune --messages 90d --costs 400d'],
    ['what the configuration says, in a script', 'prune --yes'],
    ['cut old entries off the audit trail', 'prune --audit 2y --yes'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const request = requestOf(call)
      const previews = await store.retention.preview(request)
      return call.flags.dryRun ? dryRun(call, previews) : run(call, store, request, previews)
    }),
})

function requestOf({ flags: { messages, costs, audit } }: PruneCall): RetentionRequest {
  return Object.fromEntries(
    Object.entries({ messages, costs, audit }).filter(([, before]) => before !== undefined),
  )
}

function dryRun(call: PruneCall, previews: readonly RetentionPreview[]): Outcome {
  const again = commandLine(
    call.screen,
    call.argv.filter((word) => word !== '--dry-run'),
  )
  return {
    data: { kinds: previews.map((preview) => ({ ...preview, left: preview.rows })), dryRun: true },
    show: (screen) => previewText(screen, previews, again),
  }
}

async function run(
  call: PruneCall,
  store: Store,
  request: RetentionRequest,
  previews: readonly RetentionPreview[],
): Promise<Outcome> {
  const { maxRows = USUAL_ROWS, yes } = call.flags
  const acting = call.acting(store)
  const total = previews.reduce((sum, { rows }) => sum + rows, 0)
  if (total === 0) {
    const untouched = previews.map((preview) => ({ ...preview, left: 0, skipped: 0, cut: null }))
    return { data: { kinds: untouched, dryRun: false }, show: (screen) => nothingToPrune(screen, previews) }
  }
  const database = sameDatabase(call.global)
  const keep = commandLine(call.screen, [
    'export',
    '--types',
    'audit_cut,audit_entry',
    '--out',
    'FILE',
    ...database,
  ])
  await call.confirm(pruneQuestion(previews, maxRows, store.location, keep), yes)
  const progress = createProgress(process.stderr, call.screen.paint, call.global.quiet)
  let results: readonly RetentionResult[]
  try {
    results = await acting.retention.prune({
      ...request,
      maxRows,
      onProgress: ({ kind, done, total: all }) =>
        progress.update(all === 0 ? 1 : done / all, `${kind}: ${counted(done, 'row')} removed`),
    })
  } finally {
    progress.clear()
  }
  noteWhatIsLeft(call, results)
  return {
    data: { kinds: results, dryRun: false },
    show: (screen) => resultText(screen, results),
  }
}

function noteWhatIsLeft(call: PruneCall, results: readonly RetentionResult[]): void {
  const skipped = results.reduce((sum, result) => sum + result.skipped, 0)
  const left = results.reduce((sum, result) => sum + result.left, 0) - skipped
  if (skipped > 0) {
    const what = `${counted(skipped, 'row')} cannot be read and ${skipped === 1 ? 'stays' : 'stay'}; purser doctor says where`
    call.note('warn', what, 'UNREADABLE_ROWS')
  }
  if (left > 0) {
    const rows = left === 1 ? '1 more row is' : `${grouped(left)} more rows are`
    call.note('info', `${rows} as old; the same command again goes on.`, 'MORE_LEFT')
  }
}
