// `purser costs report`: exact totals by any grouping, with a bar each.

import type { CostGrouping, CostTotal, ExactCount, Store } from '../../../index.ts'
import { costGroupings } from '../../../records/cost-records/enums.ts'
import { whole, words } from '../../flags/flags.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { grouped } from '../../screen/text.ts'
import { costFilterOf, costFilters, filterText } from './filters.ts'
import { namesOf } from './names.ts'
import { groupTable, totalLines } from './report-view.ts'
import { inWholeHours } from './whole-hours.ts'

export const reportCosts = defineCommand({
  name: 'report',
  summary: 'add up costs, exactly, by agent, model, day or more',
  description:
    'Add up costs, exactly: the greatest first, and days or hours, where they are asked for, in their order before that. Money of two currencies is never added: with several, choose one with --currency or group by currency too. Days and hours are in UTC.',
  flags: {
    by: words(costGroupings, 'what to group by (default agent)', { initial: ['agent'] }),
    top: whole('n', 'only the first n groups; the total is of all', { min: 1 }),
    ...costFilters,
  },
  examples: [
    ['by agent', 'costs report'],
    ['the last week by day', 'costs report --by day --since 7d'],
    ['one project by agent and model', 'costs report --project tide-api --by agent,model'],
    ['a plan and all below it', 'costs report --plan PLAN --tree --by task'],
  ],
  run: async (call) => {
    const { by, top } = call.flags
    const given = costFilterOf(call.flags)
    return call.withStore('existing', async (store) => {
      const asked = await withWholeIds(store, given)
      const { result, filter } = await inWholeHours(asked, call.note, (range) => addUp(store, range, by))
      const { groups, totals } = result
      const shown = top === undefined ? groups : groups.slice(0, top)
      const names = await namesOf(store, shown)
      const { since = call.flags.since, until = call.flags.until } = filter
      const what = filterText({ ...call.flags, since: asDate(since), until: asDate(until) })
      const record = commandLine(call.screen, ['costs', 'record', '--help', ...sameDatabase(call.global)])
      return {
        data: {
          groups: shown,
          total: totals.length === 1 ? totals[0] : null,
          totals,
          names: Object.fromEntries(names),
        },
        show: (screen) => {
          if (groups.length === 0) {
            if (screen.quiet) return ''
            return what === ''
              ? `No model calls are recorded yet. To record one: ${record}`
              : `No model call matches (${what}); leave out a filter to see more.`
          }
          const lines = groupTable(screen, by, shown, totals, names)
          if (screen.quiet) return lines.join('\n')
          const left = groups.length - shown.length
          return [
            `${screen.paint.bold(`Costs by ${by.map(groupingText).join(' and ')}`)}${what === '' ? '' : screen.paint.dim(`: ${what}`)}`,
            '',
            ...lines,
            ...(left > 0 ? [screen.paint.dim(`… and ${grouped(left)} more`)] : []),
            '',
            ...totalLines(screen, totals),
          ].join('\n')
        },
      }
    })
  },
})

/** The groups, and their total for each currency. */
export async function addUp<const G extends CostGrouping>(
  store: Store,
  filter: Parameters<Store['costRecords']['aggregate']>[0],
  by: readonly G[],
): Promise<{
  readonly groups: readonly CostTotal<G, ExactCount>[]
  readonly totals: readonly CostTotal<never, ExactCount>[]
}> {
  const groups = await store.costRecords.aggregate(filter, { by, largeCounts: 'text' })
  const inOne = !by.some((grouping) => grouping === 'currency')
  const totals = inOne
    ? await store.costRecords.aggregate(filter, { largeCounts: 'text' })
    : await store.costRecords.aggregate(filter, { by: ['currency'], largeCounts: 'text' })
  return { groups, totals }
}

function asDate(bound: unknown): Date | undefined {
  return bound instanceof Date ? bound : undefined
}

function groupingText(grouping: CostGrouping): string {
  return grouping === 'rootPlan' ? 'root plan' : grouping
}
