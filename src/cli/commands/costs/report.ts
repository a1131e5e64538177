// `purser costs report`: exact totals by any grouping, with a bar each.

import type { CostFilter, CostGrouping, Store } from '../../../index.ts'
import { costGroupings } from '../../../records/cost-records/enums.ts'
import { text, toggle, whole, word, words } from '../../flags/flags.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { type Call, defineCommand } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { grouped } from '../../screen/text.ts'
import { csvOf } from './csv.ts'
import { costFilterOf, costFilters, filterText } from './filters.ts'
import { groupingText, namesOf } from './names.ts'
import { type Group, groupTable, totalLines } from './report-view.ts'
import { inWholeHours } from './whole-hours.ts'

const METADATA = 'metadata.'

export const reportCosts = defineCommand({
  name: 'report',
  summary: 'add up costs, exactly, by agent, model, day or more',
  description:
    'Add up costs, exactly: the greatest first, and months, weeks, days or hours, where they are asked for, in their order before that. Money of two currencies is never added: with several, choose one with --currency or group by currency too. What has no known cost is counted beside the sum. Months, weeks (from Monday), days and hours are those of --time-zone, UTC by default; dates of --since and --until are in UTC.',
  flags: {
    by: words(costGroupings, 'what to group by, also metadata.KEY (default agent)', {
      initial: ['agent'],
      named: (value): CostGrouping | undefined =>
        value.startsWith(METADATA) && value !== METADATA ? (value as `metadata.${string}`) : undefined,
    }),
    timeZone: text('zone', 'whose months, weeks, days and hours: an IANA name such as Europe/Berlin'),
    compare: word(['previous'], 'beside each sum that of the time before --since, as long'),
    top: whole('n', 'only the first n groups; the total is of all', { min: 1 }),
    csv: toggle('as CSV, for a spreadsheet'),
    ...costFilters,
  },
  examples: [
    ['by agent', 'costs report'],
    ['the last week by day', 'costs report --by day --since 7d'],
    ['one project by agent and model', 'costs report --project tide-api --by agent,model'],
    ['a plan and all below it', 'costs report --plan PLAN --tree --by task'],
    ['by days of Berlin', 'costs report --by day --time-zone Europe/Berlin --since 30d'],
    ['January beside December', 'costs report --since 2026-01 --until 2026-02 --compare previous'],
    ['by a key of the metadata, for a spreadsheet', 'costs report --by metadata.team --csv'],
  ],
  run: async (call) => {
    const { by, top, csv, compare, timeZone } = call.flags
    if (csv && call.global.json) throw new UsageError('--csv and --json are two forms; give one')
    if (compare && call.flags.since === undefined) throw new UsageError('--compare needs --since')
    const given = costFilterOf(call.flags)
    return call.withStore('existing', async (store) => {
      const asked = await withWholeIds(store, given)
      const { result, filter } = await inWholeHours(asked, call.note, (range, wholeHours) =>
        addUp(store, range, { by, timeZone, compare, wholeHours }),
      )
      const { groups, totals } = result
      const shown = top === undefined ? groups : groups.slice(0, top)
      const names = await namesOf(store, shown)
      const { since = call.flags.since, until = call.flags.until } = filter
      const what = filterText({ ...call.flags, since: asDate(since), until: asDate(until) })
      return {
        data: {
          groups: shown,
          total: totals.length === 1 ? totals[0] : null,
          totals,
          names: Object.fromEntries(names),
        },
        show: (screen) => {
          if (csv) return csvOf(by, shown, names)
          if (groups.length === 0) return nothingText(call, what)
          const lines = groupTable(screen, by, shown, totals, names)
          if (screen.quiet) return lines.join('\n')
          const left = groups.length - shown.length
          const heading = `Costs by ${by.map(groupingText).join(' and ')}`
          const about = [what, timeZone === undefined ? '' : `in ${timeZone}`].filter(Boolean).join(', ')
          return [
            `${screen.paint.bold(heading)}${about === '' ? '' : screen.paint.dim(`: ${about}`)}`,
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

function nothingText({ screen, global }: Pick<Call, 'screen' | 'global'>, what: string): string {
  if (screen.quiet) return ''
  const record = commandLine(screen, ['costs', 'record', '--help', ...sameDatabase(global)])
  return what === ''
    ? `No model calls are recorded yet. To record one: ${record}`
    : `No model call matches (${what}); leave out a filter to see more.`
}

interface Asked {
  readonly by: readonly CostGrouping[]
  readonly timeZone: string | undefined
  readonly compare: 'previous' | undefined
  readonly wholeHours: boolean
}

/** The groups, and their total for each currency. */
async function addUp(
  store: Store,
  filter: CostFilter,
  { by, timeZone, compare, wholeHours }: Asked,
): Promise<{ readonly groups: readonly Group[]; readonly totals: readonly Group[] }> {
  const inOne = !by.some((grouping) => grouping === 'currency')
  const options = { timeZone, compare, wholeHours, largeCounts: 'text' } as const
  const groups = await store.costRecords.aggregate(filter, { ...options, by })
  const totals = await store.costRecords.aggregate(filter, {
    ...options,
    by: inOne ? [] : (['currency'] as const),
  })
  return { groups, totals } as { readonly groups: readonly Group[]; readonly totals: readonly Group[] }
}

function asDate(bound: unknown): Date | undefined {
  return bound instanceof Date ? bound : undefined
}
