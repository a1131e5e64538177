// `purser doctor`: examines a database and reports the state of each check and what to do. It
// changes nothing, unless --fix is given: then it repairs what it can (fix.ts).

import type { DoctorReport, Finding, Page, Store } from '../../../index.ts'
import { type ChangeCall, defineChange } from '../../flags/actor-flag.ts'
import { text, toggle, whole } from '../../flags/flags.ts'
import { endingWith } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { useStore } from '../../run/session.ts'
import { createProgress } from '../../screen/progress.ts'
import { doctorText, findingLines } from './doctor-view.ts'
import { fix } from './fix.ts'

const DEFAULT_LIMIT = 100

const flags = {
  fix: toggle('put right what can be: words that no list has, totals, indexes, the search index'),
  plan: toggle('with --fix: show what would be changed, and change nothing'),
  yes: toggle('with --fix: do not ask'),
  findings: toggle('list the values that a migration or --fix had to replace, with their originals'),
  limit: whole('n', `with --findings: at most this many, 1 to 1000 (default ${DEFAULT_LIMIT})`, {
    min: 1,
    max: 1000,
  }),
  cursor: text(
    'cursor',
    'with --findings: go on after a page, with its nextCursor; only findings are looked at',
  ),
}

export type DoctorCall = ChangeCall<Record<never, never>, typeof flags>

export const doctor = defineChange({
  name: 'doctor',
  summary: 'examine a database, and say what to do',
  description:
    'Examine a database: the ledger of migrations, the schema, damage and references, plan trees, values that cannot be read, tasks and their assignees, cost totals, the search index, the audit chain, and findings of migrations. Everything is read, and without --fix nothing is changed. With it a plan is shown first; each change is made in one transaction with its entry in the audit trail, and what a record held before is kept as a finding. The exit code is 3 when a check failed, or when something is left to put right.',
  flags,
  examples: [
    ['the database here', 'doctor'],
    ['for a monitor', 'doctor --quiet --json'],
    ['what could be put right', 'doctor --fix --plan'],
    ['put it right, after a question', 'doctor --fix'],
    ['what taking over an old database had to replace', 'doctor --findings'],
    ['each original whole', 'doctor --findings --limit 1000 --json'],
  ],
  run: (call) => {
    const { findings, limit, cursor, fix: isFixing, plan, yes } = call.flags
    if (isFixing && findings) throw new UsageError('--findings and --fix are two commands')
    if (isFixing) return fix(call)
    if (plan || yes) throw new UsageError('--plan and --yes go with --fix')
    if (!findings && (limit !== undefined || cursor !== undefined))
      throw new UsageError('--limit and --cursor go with --findings')
    return useStore(call.global, 'any-version', async (store) => {
      const report = await examine(call, store)
      // If findings could not even be counted, the report says why.
      const page =
        findings && isCounted(report)
          ? await store.findings({ limit: limit ?? DEFAULT_LIMIT, ...(cursor !== undefined && { cursor }) })
          : null
      return {
        data: { checks: report.checks, ...(page && findingsData(report, page)) },
        ...endingWith(!report.ok && { code: 'UNWELL', text: 'The doctor has found something; see checks.' }),
        show: (screen) =>
          [
            ...doctorText(screen, call.global, store.location, report),
            ...(page ? findingLines(screen, page, totalOf(report), call.argv) : []),
          ].join('\n'),
      }
    })
  },
})

async function examine(call: DoctorCall, store: Store): Promise<DoctorReport> {
  const progress = createProgress(process.stderr, call.screen.paint, call.global.quiet)
  try {
    return await store.doctor({
      ...(call.flags.cursor !== undefined && { only: ['findings'] }),
      onProgress: ({ check, share }) => progress.update(share, check),
    })
  } finally {
    progress.clear()
  }
}

function findingsData(report: DoctorReport, { items, nextCursor, corrupt }: Page<Finding>) {
  return {
    findings: items,
    nextCursor,
    summary: { shown: items.length, total: totalOf(report) },
    ...(corrupt.length > 0 && { corrupt }),
  }
}

function isCounted({ checks }: DoctorReport): boolean {
  return checks.some(({ name, status }) => name === 'findings' && status !== 'fail')
}

function totalOf({ checks }: DoctorReport): number {
  return checks.find(({ name }) => name === 'findings')?.count ?? 0
}
