// `purser costs unpriced`: the calls whose cost is not known, by provider and model.

import { withWholeIds } from '../../flags/whole-ids.ts'
import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { table } from '../../screen/table.ts'
import { grouped, printableLine } from '../../screen/text.ts'
import { costFilterOf, costFilters } from './filters.ts'

const { costStatus: _, ...filters } = costFilters

export const unpricedCosts = defineCommand({
  name: 'unpriced',
  summary: 'count the calls whose cost is not known, by provider and model',
  flags: filters,
  examples: [['of the last month', 'costs unpriced --since 30d']],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const asked = await withWholeIds(store, costFilterOf({ ...call.flags, costStatus: ['unpriced'] }))
      const groups = await store.costRecords.aggregate(asked, {
        by: ['provider', 'model', 'biller', 'currency'],
        largeCounts: 'text',
      })
      const sorted = groups.toSorted((a, b) => Number(b.unpriced) - Number(a.unpriced))
      return {
        data: { groups: sorted },
        show: (screen) => {
          if (sorted.length === 0) return screen.quiet ? '' : 'The cost of every call is known.'
          const lines = table(
            screen,
            [
              { title: 'PROVIDER', value: (group) => printableLine(group.provider ?? ''), shrinkTo: 12 },
              { title: 'MODEL', value: (group) => printableLine(group.model ?? ''), shrinkTo: 12 },
              { title: 'BILLER', value: (group) => printableLine(group.biller ?? '–'), spare: 2 },
              { title: 'CALLS', align: 'end', value: (group) => grouped(group.unpriced) },
              { title: 'TOKENS IN', align: 'end', value: (group) => grouped(group.inputTokens), spare: 1 },
              { title: 'OUT', align: 'end', value: (group) => grouped(group.outputTokens), spare: 1 },
            ],
            sorted,
          )
          if (screen.quiet) return lines.join('\n')
          const apply = commandLine(screen, ['prices', 'apply', ...sameDatabase(call.global)])
          return [...lines, '', screen.paint.dim('To price what the tables know:'), `  ${apply}`].join('\n')
        },
      }
    }),
})
