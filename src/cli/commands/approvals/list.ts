// `purser approvals list`: one page of approvals. Unless statuses are requested, those that wait
// for a decision.

import type { ApprovalFilter } from '../../../index.ts'
import { approvalStatuses } from '../../../records/approvals/enums.ts'
import { riskLevels } from '../../../records/audit-entries/enums.ts'
import { fieldsOf, under, words } from '../../flags/flags.ts'
import { anyOf, changeFilters, listOutcome, orderedPaging, readPage } from '../../flags/listing.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase, withSwitch } from '../../screen/command-line.ts'
import { counted } from '../../screen/text.ts'
import { approvalTable } from './view.ts'

const filters = under('Filters:', {
  status: words(approvalStatuses, 'only approvals in one of these states', { field: 'status' }),
  kind: anyOf('area:verb', 'only approvals of this kind', 'kind'),
  subjectType: anyOf('word', 'only approvals about such a thing', 'subjectType'),
  subject: anyOf('id', 'only approvals about this one', 'subjectId'),
  plan: anyOf('id', 'only approvals of this plan', 'planId'),
  task: anyOf('id', 'only approvals of this task', 'taskId'),
  requestedBy: anyOf('actor', 'only approvals that this actor asked for', 'requestedBy'),
  decidedBy: anyOf('actor', 'only approvals that this actor decided', 'decidedBy'),
  riskLevel: words(riskLevels, 'only approvals of these risks', { field: 'riskLevel' }),
  ...changeFilters('approvals'),
})

export const listApprovals = defineCommand({
  name: 'list',
  summary: 'list the approvals that wait for a decision, in the order in which they were asked for',
  description:
    'List the approvals that wait for a decision. With --all, or with states, decided ones are listed too. One that has expired is not pending.',
  flags: { ...filters, ...orderedPaging('oldest') },
  examples: [
    ['what waits for a decision', 'approvals list'],
    ['what was decided about a plan', 'approvals list --plan PLAN --status approved,rejected'],
    ['everything, for a script', 'approvals list --all --json'],
  ],
  run: async (call) => {
    const given = fieldsOf(filters, call.flags) as ApprovalFilter
    const pendingAlone = given.status === undefined && !call.flags.all
    // A limit can be combined with --all here, as among tasks.
    const all = call.flags.all && call.flags.limit === undefined
    return call.withStore('existing', async (store) => {
      const asked = await withWholeIds(store, given)
      const filter: ApprovalFilter = pendingAlone ? { ...asked, status: 'pending' } : asked
      const page = await readPage({ ...call.flags, all }, (part) => store.approvals.list(filter, part))
      const total = await store.approvals.count(filter)
      const others = pendingAlone ? (await store.approvals.count(asked)) - total : 0
      const every = commandLine(call.screen, withSwitch(call.argv, '--all'))
      const hints =
        others === 0
          ? []
          : [`${counted(others, 'more approval')} not pending any more; with them:`, `  ${every}`]
      const request = commandLine(call.screen, [
        'approvals',
        'request',
        '--help',
        ...sameDatabase(call.global),
      ])
      const isFiltered = Object.keys(given).length > 0
      const none = isFiltered
        ? 'No approval matches; leave out a filter to see more.'
        : `There are no approvals yet. To ask for one: ${request}`
      return listOutcome(call, {
        page,
        total,
        noun: pendingAlone ? 'pending approval' : 'approval',
        empty: hints.length > 0 ? ['Nothing waits for a decision.', ...hints].join('\n') : none,
        toJson: (approval) => approval,
        show: (approvals, screen) => approvalTable(screen, approvals),
        hints,
      })
    })
  },
})
