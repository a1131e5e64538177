// The display of a cost report: a row per group with its exact amount, share and bar, and the total
// below.

import type { CostGrouping, CostSums, CostTotal, ExactCount } from '../../../index.ts'
import { alignMoney, bar, money, percent } from '../../screen/amounts.ts'
import type { Screen } from '../../screen/screen.ts'
import { type Column, table } from '../../screen/table.ts'
import { grouped, printableLine } from '../../screen/text.ts'
import { groupingText, isNamed, keyOf, type NamesOf } from './names.ts'
import { callsText, isNone, sumText } from './sum-text.ts'

const BAR_WIDTH = 20

/** A group of a report, by any grouping. */
export type Group = CostTotal<never, ExactCount> & { readonly previous?: CostSums<ExactCount> }

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
        title: groupingText(grouping).toUpperCase(),
        value: ({ group }) => printableLine(keyOf(group, grouping) ?? '(none)'),
        ...(isNamed(grouping) ? {} : { shrinkTo: 12 }),
        paint: (text, { group }) => (keyOf(group, grouping) === null ? screen.paint.dim(text) : text),
      },
      ...(isNamed(grouping) && names.size > 0
        ? [
            {
              title: grouping === 'task' ? 'TITLE' : 'NAME',
              value: ({ group }: Row) => names.get(keyOf(group, grouping) ?? '') ?? '',
              shrinkTo: 12,
            },
          ]
        : []),
    ])
  const isWhole = groups.every(({ unpriced }) => isNone(unpriced))
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
      ...changeColumns(groups, single === undefined),
      ...(keys.length === 0 ? [] : shareColumns(screen, greatest)),
      ...(isWhole
        ? []
        : [
            {
              title: 'UNPRICED',
              align: 'end' as const,
              value: ({ group }: Row) => (isNone(group.unpriced) ? '' : grouped(group.unpriced)),
              paint: (text: string) => screen.paint.yellow(text),
            },
          ]),
      { title: 'CALLS', align: 'end', value: ({ group }) => grouped(group.records), spare: 1 },
      { title: 'TOKENS IN', align: 'end', value: ({ group }) => grouped(group.inputTokens), spare: 3 },
      { title: 'OUT', align: 'end', value: ({ group }) => grouped(group.outputTokens), spare: 3 },
    ],
    rows,
  )
}

/** The last lines of a report: the sum of each currency. */
export function totalLines(screen: Screen, totals: readonly Group[]): readonly string[] {
  return totals.map(({ cost, currency, inputTokens, outputTokens, previous, ...counts }) => {
    const amount = screen.paint.bold(money(cost, currency))
    const tokens = `${grouped(inputTokens)} tokens in, ${grouped(outputTokens)} out`
    const before = previous === undefined ? '' : `; before: ${sumText(previous)}`
    return `Total ${amount} ${callsText(counts)} ${screen.paint.dim(`(${tokens})`)}${before}`
  })
}

/** The amount before, where that was asked for. */
function changeColumns(groups: readonly Group[], isMixed: boolean): readonly Column<Row>[] {
  if (!groups.some(({ previous }) => previous)) return []
  const before = alignMoney(groups.map(({ previous }) => previous?.cost ?? '0'))
  const texts = new Map(groups.map((group, index) => [group, before[index] ?? '']))
  return [
    {
      title: 'BEFORE',
      align: 'end',
      value: ({ group }) => `${texts.get(group) ?? ''}${isMixed ? ` ${group.currency}` : ''}`,
    },
    { title: 'CHANGE', align: 'end', value: ({ group }) => changeText(group) },
  ]
}

/** The change in percent, or the word for what has none. */
function changeText({ cost, previous }: Group): string {
  const [now, before] = [Number(cost), Number(previous?.cost ?? 0)]
  if (before === 0) return now === 0 ? '' : 'new'
  if (now === 0) return 'gone'
  return `${now < before ? '−' : '+'}${percent(Math.abs(now - before) / before)}`
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
