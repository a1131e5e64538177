// Recomputes the sums of all cost records and of the roll-ups of pruned ones, dimension by
// dimension, and compares them with the totals that the database keeps. All of it happens in the
// database; only the number of differing totals is returned.

import type { Engine, Query } from '../engines/contract/engine.ts'
import type { TotalsSpec } from '../engines/contract/schema.ts'
import { totalColumns } from '../engines/contract/total-columns.ts'
import { costRecordDefinition } from '../records/cost-records/definition.ts'
import { costRollupDefinition } from '../records/cost-rollups/definition.ts'
import { MONEY_SCALE as UNIT } from '../values/money.ts'
import { type Check, counted, type ExaminedStore, failing, passing } from './check.ts'
import { findDifferingPeriods, periodDimensions } from './period-totals.ts'

export const costTotalsCheck: Check = {
  name: 'cost totals',
  needsCurrentSchema: true,
  run: async (patient) => {
    const totals = totalsOf()
    if (!totals) return passing('no totals are kept')
    const wrong: string[] = []
    let sum = 0
    for (const [index, dimension] of totals.dimensions.entries()) {
      const count = await countDifferent(patient, totals, dimension)
      if (count > 0) wrong.push(`${count} by ${dimension.name}`)
      sum += count
      patient.progress((index + 1) / totals.dimensions.length)
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const dimension of periodDimensions) {
      const { length } = await findDifferingPeriods(patient.engine, patient.read, dimension)
      if (length > 0) wrong.push(`${length} of periods by ${dimension.name}`)
      sum += length
    }
    if (sum === 0) return passing('every total is the sum of its records')
    return failing(
      `${counted(sum, 'total')} ${sum === 1 ? 'is' : 'are'} not the sum of the records: ${wrong.join(', ')}`,
      sum,
      'run purser doctor --fix, which adds what they lack, and purser drift, which tells whether the trigger that keeps them is as it was; find out who wrote to these tables beside Purser',
    )
  },
}

/** Undefined if no totals are kept. */
export function totalsOf(): TotalsSpec | undefined {
  return costRecordDefinition.layouts[0].totals
}

async function countDifferent(
  { engine, read }: ExaminedStore,
  totals: TotalsSpec,
  dimension: TotalsSpec['dimensions'][number],
): Promise<number> {
  const { sql } = differingTotals(engine, totals, dimension)
  const [row] = await read({ sql: `select count(*) from (${sql}) different`, parameters: [] })
  return Number(row?.[0] ?? 0)
}

/** What is summed, in the order of `differingTotals`. */
export function totalColumnNames(totals: TotalsSpec): readonly string[] {
  return [...totalColumns(totals, (plain) => plain).map(({ name }) => name), 'records']
}

/**
 * The totals of a dimension that differ from the sums of their records: the member, the partition
 * key, and by how much each sum exceeds the total.
 */
export function differingTotals(
  engine: Engine,
  totals: TotalsSpec,
  { name, column, by }: TotalsSpec['dimensions'][number],
): Query {
  const { source, target, partitionBy } = totals
  const kept = totalColumns(totals, (plain) => plain)
  const names = kept.map((each) => each.name)
  const member = by === 'hour' ? engine.timeBuckets.hour(column) : `coalesce(${column}, '')`
  const ofRecords = kept.map(({ value }) => `-(${value})`).join(', ')
  const ofRollups = names.map((sum) => `-${sum}`).join(', ')
  const differs = [...names, 'records']
    .map((sum) => {
      const [whole, rest] = [engine.exactSums.whole(sum, UNIT), engine.exactSums.rest(sum, UNIT)]
      return `${whole} * ${UNIT} + ${rest} <> 0`
    })
    .join(' or ')
  const added = [...names, 'records'].map((sum) => `sum(${sum})`).join(', ')
  const sql = `select member, ${partitionBy}, ${added} from (
    select member, ${partitionBy}, ${names.join(', ')}, records from ${target} where dimension = '${name}'
    union all
    select ${member}, ${partitionBy}, ${ofRecords}, -1 from ${source}
    union all
    select ${member}, ${partitionBy}, ${ofRollups}, -records from ${costRollupDefinition.shape.table}
  ) together
  group by member, ${partitionBy} having ${differs}`
  return { sql, parameters: [] }
}
