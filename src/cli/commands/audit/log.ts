// `purser audit log`: what was done, allowed and denied, newest first.

import type { AuditFilter } from '../../../index.ts'
import { auditVerdicts, riskLevels } from '../../../records/audit-entries/enums.ts'
import { fieldsOf, text, time, under, words } from '../../flags/flags.ts'
import { anyOf, listOutcome, orderedPaging, readPage } from '../../flags/listing.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { defineCommand } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { auditTable, cutText } from './view.ts'

const filters = under('Filters:', {
  actor: anyOf('name', 'only what this actor did', 'actor'),
  action: text('area:verb', 'only this action, or those that begin so: plan:*', { field: 'action' }),
  verdict: words(auditVerdicts, 'only entries with one of these verdicts', { field: 'verdict' }),
  risk: words(riskLevels, 'only entries of these risk levels', { field: 'riskLevel' }),
  rule: text('name', 'only entries in which this rule decided, for example gate', { field: 'matchedRule' }),
  plan: anyOf('id', 'only entries about this plan', 'planId'),
  task: anyOf('id', 'only entries about this task', 'taskId'),
  since: time('only entries from then on: a time with offset, a date (UTC), or an age such as 7d or 24h', {
    field: 'since',
  }),
  until: time('only entries before then', { field: 'until' }),
})

const flags = {
  ...filters,
  ...under('Filters:', { subject: text('type[:id]', 'only entries about such a thing, or this one') }),
}

export const auditLog = defineCommand({
  name: 'log',
  summary: 'list audit entries, newest first',
  description: 'List audit entries, newest first. Several filters together mean all of them.',
  flags: { ...flags, ...orderedPaging('newest') },
  examples: [
    ['what was done last', 'audit log -n 10'],
    ['what an agent moved', 'audit log --actor otto --action "plan:*"'],
    ['what was denied or handed to a human', 'audit log --verdict deny,escalate --since 7d'],
    ['where a rule was broken', 'audit log --rule gate --verdict escalate'],
    ['everything about one thing', 'audit log --subject tool:shell'],
  ],
  run: async (call) => {
    const given = { ...fieldsOf(filters, call.flags), ...subjectFilter(call.flags.subject) } as AuditFilter
    return call.withStore('existing', async (store) => {
      const filter = await withWholeIds(store, given)
      const page = await readPage(call.flags, (part) => store.audit.query(filter, part))
      const total = await store.audit.count(filter)
      const [cut] = page.nextCursor === null ? await store.audit.cuts() : []
      if (cut) call.note('info', cutText(cut), 'AUDIT_TRAIL_CUT')
      const append = commandLine(call.screen, ['audit', 'append', '--help', ...sameDatabase(call.global)])
      return listOutcome(call, {
        page,
        total,
        noun: 'audit entry',
        plural: 'audit entries',
        empty:
          Object.keys(filter).length > 0
            ? 'No audit entry matches; leave out a filter to see more.'
            : `There are no audit entries yet: every plan and task that is made or moved writes one. To append one: ${append}`,
        toJson: (entry) => entry,
        show: (entries, screen) => auditTable(screen, entries),
      })
    })
  },
})

/** An id may have colons, a type may not. */
function subjectFilter(subject: string | undefined): Record<string, string> {
  if (subject === undefined) return {}
  const [type = '', ...rest] = subject.split(':')
  if (type.trim() === '' || (rest.length > 0 && rest.join(':') === '')) {
    throw new UsageError('--subject must be a type, or type:id such as plan:01J0TDE0000000000000000001')
  }
  return { subjectType: type, ...(rest.length > 0 ? { subjectId: rest.join(':') } : {}) }
}
