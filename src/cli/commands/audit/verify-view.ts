// The result of verifying the audit trail, for people: that it is intact, or which entry is not and
// what to do.

import type { AuditProblem, AuditVerification } from '../../../index.ts'
import { facts } from '../../screen/facts.ts'
import type { Screen } from '../../screen/screen.ts'
import { counted, grouped } from '../../screen/text.ts'

const problems: Readonly<Record<AuditProblem, string>> = {
  missing: 'is missing',
  misplaced: 'stands where another one should',
  changed: 'was changed after it was written',
  unlinked: 'does not follow from the one before it',
  unreadable: 'cannot be read',
  cut: 'is not there: the trail ends before the expected head, or has another entry in its place',
  forged: 'is where the beginning was cut off, and no entry of the trail confirms that cut',
  pruned: 'was cut off on purpose, so the expected head cannot be looked for any more; keep a newer one',
}

function whatIsWrong(problem: AuditProblem | null): string {
  return problem === null ? 'is not as it was written' : problems[problem]
}

/** The first fault of a chain, in words. */
export function problemText({ firstBad, problem }: AuditVerification): string {
  return `audit entry ${firstBad} ${whatIsWrong(problem)}`
}

/** @param log the command line that shows the end of the trail */
export function verificationText(screen: Screen, result: AuditVerification, log: string): string {
  const { paint } = screen
  const { ok, checked, firstBad, head, cut } = result
  if (screen.quiet) return ok ? '' : String(firstBad)
  const entries = counted(checked, 'audit entry', 'audit entries')
  const headText = head === null ? null : `${head.sequence}:${head.hash}`
  if (ok) {
    if (checked === 0) return 'There are no audit entries to check.'
    return [
      `${paint.green('✔')} ${entries} checked: each is as it was written, and follows from the one before it.`,
      ...facts(screen, [
        ['Head', headText],
        [
          'Cut',
          cut &&
            `entries up to ${grouped(cut.sequence)} were removed on purpose; the trail follows from their end`,
        ],
      ]),
    ].join('\n')
  }
  const before = result.problem === 'pruned' || result.problem === 'forged' ? 0 : (firstBad ?? 1) - 1
  return [
    `${paint.red('✗')} ${paint.bold(`Audit entry ${grouped(firstBad ?? 0)}`)} ${whatIsWrong(result.problem)}.`,
    ...facts(screen, [
      ['Checked', `${entries}${before > 0 ? `; up to entry ${grouped(before)} the trail is sound` : ''}`],
      ['Sound until', headText],
    ]),
    '',
    'Keep the database as it is, as evidence. Find the last backup whose trail ends in a head that you kept',
    'and verifies against it; what it has and this one has not is what was changed.',
    paint.dim('What stands at the end of the trail now:'),
    `  ${log}`,
  ].join('\n')
}
