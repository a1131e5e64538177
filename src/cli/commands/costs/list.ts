// `purser costs list`: single model calls, newest first.

import type { CostRecord } from '../../../index.ts'
import { listOutcome, orderedPaging, readPage } from '../../flags/listing.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { defineCommand } from '../../run/command.ts'
import { alignMoney } from '../../screen/amounts.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { grouped, printableLine } from '../../screen/text.ts'
import { costFilterOf, costFilters } from './filters.ts'

export const listCosts = defineCommand({
  name: 'list',
  summary: 'list model calls, newest first',
  description: 'List model calls, newest first. Several filters together mean all of them.',
  flags: { ...costFilters, ...orderedPaging('newest') },
  examples: [
    ['the last calls of an agent', 'costs list --agent otto -n 10'],
    ['a day', 'costs list --since 2026-01-31 --until 2026-02-01'],
    ['calls that belong to no task', 'costs list --without task'],
  ],
  run: async (call) => {
    const given = costFilterOf(call.flags)
    return call.withStore('existing', async (store) => {
      const filter = await withWholeIds(store, given)
      const page = await readPage(call.flags, (part) => store.costRecords.query(filter, part))
      const { tree, ...flat } = filter
      const total = tree ? null : await store.costRecords.count(flat)
      const record = commandLine(call.screen, ['costs', 'record', '--help', ...sameDatabase(call.global)])
      return listOutcome(call, {
        page,
        total,
        noun: 'model call',
        empty:
          Object.keys(filter).length > 0
            ? 'No model call matches; leave out a filter to see more.'
            : `No model calls are recorded yet. To record one: ${record}`,
        toJson: (cost) => cost,
        show: (records, screen) => costTable(screen, records),
      })
    })
  },
})

function costTable(screen: Screen, records: readonly CostRecord[]): readonly string[] {
  const amounts = alignMoney(records.map(({ cost }) => cost ?? '0'))
  const currencies = new Set(records.map(({ currency }) => currency))
  const isMixed = currencies.size > 1
  const rows = records.map((record, index) => ({
    record,
    amount: amountText(record, amounts[index] ?? ''),
  }))
  return table(
    screen,
    [
      { title: 'TIME', value: ({ record }) => screen.time(record.timestamp) },
      { title: 'AGENT', value: ({ record }) => printableLine(record.agentId), shrinkTo: 10 },
      { title: 'MODEL', value: ({ record }) => printableLine(record.model), shrinkTo: 10, spare: 1 },
      { title: 'TASK', value: ({ record }) => printableLine(record.taskId ?? '–'), spare: 2 },
      {
        title: isMixed ? 'COST' : `COST ${[...currencies].join('')}`,
        align: 'end' as const,
        value: ({ record, amount }) =>
          isMixed && record.cost !== null ? `${amount} ${record.currency}` : amount,
      },
      { title: 'IN', align: 'end' as const, value: ({ record }) => grouped(record.inputTokens), spare: 3 },
      { title: 'OUT', align: 'end' as const, value: ({ record }) => grouped(record.outputTokens), spare: 3 },
      { title: 'ID', value: ({ record }) => printableLine(record.id) },
    ],
    rows,
  )
}

function amountText({ cost, unreadable }: CostRecord, amount: string): string {
  if (unreadable.includes('cost')) return 'unreadable'
  return cost === null ? 'unpriced' : amount
}
