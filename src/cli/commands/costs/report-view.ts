// The display of a cost report: a row per group with its exact amount, share and bar, and the total
// below.

import type { CostGrouping, CostTotal, ExactCount } from '../../../index.ts'
import { alignMoney, bar, money, percent } from '../../screen/amounts.ts'
import type { Screen } from '../../screen/screen.ts'
import { type Column, table } from '../../screen/table.ts'
import { counted, grouped, printableLine } from '../../screen/text.ts'
import { isNamed, type NamesOf } from './names.ts'

const BAR_WIDTH = 20

/** A group of a report, by any grouping. */
type Group = CostTotal<never, ExactCount> & { readonly [K in CostGrouping]?: string | null }

interface Row {
  readonly group: Group
  readonly amount: string
  readonly share: number
}

/** A table with a bar for each group; shares are of the total of the group's own currency. */
export function groupTable(
  screen: Screen,
  by: readonly CostGrouping[],
  groups: readonly Group[],
  totals: readonly CostTotal<never, ExactCount>[],
  names: NamesOf = new Map(),
): readonly string[] {
  const sums = new Map(totals.map(({ currency, cost }) => [currency, Number(cost)]))
  const amounts = alignMoney(groups.map(({ cost }) => cost))
  const rows = groups.map((group, index): Row => {
    const sum = sums.get(group.currency) ?? 0
    return { group, amount: amounts[index] ?? '', share: sum === 0 ? 0 : Number(group.cost) / sum }
  })
  const greatest = Math.max(...rows.map(({ share }) => share))
  const keys = by
    .filter((grouping) => grouping !== 'currency')
    .flatMap((grouping): readonly Column<Row>[] => [
      {
        title: grouping === 'rootPlan' ? 'ROOT PLAN' : grouping.toUpperCase(),
        value: ({ group }) => printableLine(group[grouping] ?? '(none)'),
        ...(isNamed(grouping) ? {} : { shrinkTo: 12 }),
        paint: (text, { group }) => (group[grouping] === null ? screen.paint.dim(text) : text),
      },
      ...(isNamed(grouping) && names.size > 0
        ? [
            {
              title: grouping === 'task' ? 'TITLE' : 'NAME',
              value: ({ group }: Row) => names.get(group[grouping] ?? '') ?? '',
              shrinkTo: 12,
            },
          ]
        : []),
    ])
  const single = totals.length === 1 ? totals[0]?.currency : undefined
  return table<Row>(
    screen,
    [
      ...keys,
      {
        title: single === undefined ? 'COST' : `COST ${single}`,
        align: 'end',
        value: ({ amount, group }) => (single === undefined ? `${amount} ${group.currency}` : amount),
        paint: (text) => screen.paint.bold(text),
      },
      ...(keys.length === 0 ? [] : shareColumns(screen, greatest)),
      { title: 'CALLS', align: 'end', value: ({ group }) => grouped(group.records), spare: 1 },
      { title: 'TOKENS IN', align: 'end', value: ({ group }) => grouped(group.inputTokens), spare: 3 },
      { title: 'OUT', align: 'end', value: ({ group }) => grouped(group.outputTokens), spare: 3 },
    ],
    rows,
  )
}

export function totalLines(
  screen: Screen,
  totals: readonly CostTotal<never, ExactCount>[],
): readonly string[] {
  return totals.map(({ cost, currency, records, inputTokens, outputTokens }) => {
    const amount = screen.paint.bold(money(cost, currency))
    const tokens = `${grouped(inputTokens)} tokens in, ${grouped(outputTokens)} out`
    return `Total ${amount} in ${counted(records, 'model call')} ${screen.paint.dim(`(${tokens})`)}`
  })
}

function shareColumns(screen: Screen, greatest: number): readonly Column<Row>[] {
  return [
    { title: 'SHARE', align: 'end', value: ({ share }) => percent(share) },
    {
      title: '',
      value: ({ share }) => (greatest === 0 ? '' : bar(share / greatest, BAR_WIDTH)),
      spare: 2,
      paint: (text) => screen.paint.cyan(text),
    },
  ]
}
