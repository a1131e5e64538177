// `purser parked-runs list`: one page of parked runs, without their states.

import type { ParkedRunFilter, ParkedRunSummary } from '../../../index.ts'
import { either, fieldsOf, time, under } from '../../flags/flags.ts'
import { anyOf, listOutcome, orderedPaging, readPage } from '../../flags/listing.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { defineCommand } from '../../run/command.ts'
import { bytes } from '../../screen/amounts.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { printableLine } from '../../screen/text.ts'

const filters = under('Filters:', {
  agent: anyOf('agent', 'only runs of this agent', 'agentId'),
  approval: anyOf('id', 'only runs that wait for this approval', 'approvalId'),
  plan: anyOf('id', 'only runs of this plan', 'planId'),
  task: anyOf('id', 'only runs of this task', 'taskId'),
  format: anyOf('format', 'only runs whose state is in this format', 'format'),
  resumed: either('only those that were resumed, or only those that wait', { field: 'resumed' }),
  since: time('only runs parked from then on', { field: 'since' }),
  until: time('only runs parked before then', { field: 'until' }),
})

export const listParkedRuns = defineCommand({
  name: 'list',
  summary: 'list parked runs without their states, in the order in which they were parked',
  flags: { ...filters, ...orderedPaging('oldest') },
  examples: [
    ['what waits', 'parked-runs list --no-resumed'],
    ['what waits for an approval', 'parked-runs list --approval APPROVAL'],
  ],
  run: async (call) => {
    const given = fieldsOf(filters, call.flags) as ParkedRunFilter
    return call.withStore('existing', async (store) => {
      const filter = await withWholeIds(store, given)
      const page = await readPage(call.flags, (part) => store.parkedRuns.list(filter, part))
      const total = await store.parkedRuns.count(filter)
      return listOutcome(call, {
        page,
        total,
        noun: 'parked run',
        empty:
          Object.keys(given).length > 0
            ? 'No parked run matches; leave out a filter to see more.'
            : 'There are no parked runs yet. Applications store them by store.parkedRuns.park(…).',
        toJson: (run) => run,
        show: (runs, screen) => runTable(screen, runs),
      })
    })
  },
})

function runTable(screen: Screen, runs: readonly ParkedRunSummary[]): readonly string[] {
  return table(
    screen,
    [
      { title: 'ID', value: ({ id }) => printableLine(id) },
      { title: 'AGENT', value: ({ agentId }) => printableLine(agentId) },
      { title: 'FORMAT', value: ({ format }) => printableLine(format), shrinkTo: 16 },
      { title: 'STATE', value: ({ stateSize }) => bytes(stateSize), spare: 2 },
      { title: 'PARKED', value: ({ createdAt }) => screen.time(createdAt), spare: 1 },
      {
        title: 'RESUMED',
        value: ({ resumedAt }) => (resumedAt === null ? 'waits' : screen.time(resumedAt)),
      },
    ],
    runs,
  )
}
