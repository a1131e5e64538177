// Recomputes the totals of periods that the database keeps for budgets, and compares them with the
// records and roll-ups of those periods. All of it happens in the database.

import type { Engine, PeriodTotalsSpec, Query, Row, WireValue } from '../engines/contract/engine.ts'
import {
  PERIODS,
  periodTotalsOfRecords,
  periodTotalsOfRollups,
  SPENT,
} from '../records/budgets/period-totals.ts'
import { wholeHour } from '../records/cost-records/start-of-hour.ts'
import { MONEY_SCALE as UNIT } from '../values/money.ts'

const sums = ['cost', 'unpriced', 'records'] as const

type Read = (query: Query) => Promise<readonly Row[]>

/**
 * The ids of periods of a dimension in which a member has another total than its records. A period
 * that divides an hour of which only sums are left is passed over: its records are not known.
 */
export async function findDifferingPeriods(
  engine: Pick<Engine, 'exactSums' | 'builder' | 'codec'>,
  read: Read,
  dimension: PeriodTotalsSpec['dimensions'][number],
): Promise<readonly string[]> {
  const ids: string[] = []
  for (const [id] of await read(differing(engine, dimension))) {
    if (!(await dividesSums(engine, read, String(id)))) ids.push(String(id))
  }
  return ids
}

/** The id of a period ends in its first and its last instant. */
async function dividesSums(
  { builder, codec }: Pick<Engine, 'builder' | 'codec'>,
  read: Read,
  id: string,
): Promise<boolean> {
  const [first = '', last = ''] = id.split(' ').slice(-2)
  const bounds = [new Date(first), new Date(new Date(last).getTime() + 1)]
  const hours = bounds.flatMap((bound) => {
    const hour = wholeHour(bound)
    return Number.isNaN(bound.getTime()) || hour.getTime() === bound.getTime() ? [] : [hour]
  })
  if (hours.length === 0) return false
  const query = builder
    .selectFrom(periodTotalsOfRollups.source)
    .select('id')
    .where(
      'timestamp',
      'in',
      hours.map((hour) => codec.encode.instant(hour)),
    )
    .limit(1)
    .compile()
  const rows = await read({ sql: query.sql, parameters: query.parameters as readonly WireValue[] })
  return rows.length > 0
}

function differing(
  { exactSums: exact }: Pick<Engine, 'exactSums'>,
  { name, column }: PeriodTotalsSpec['dimensions'][number],
): Query {
  const { time, partitionBy } = periodTotalsOfRecords
  const joined = `join ${PERIODS} period on period.dimension = '${name}' and period.${partitionBy} = counted.${partitionBy} and counted.${time} >= period.first_at and counted.${time} <= period.last_at`
  const member = column === null ? "''" : `counted.${column}`
  const only = column === null ? '' : ` where counted.${column} is not null`
  const { unpriced = null, records = '1' } = periodTotalsOfRollups.counts ?? {}
  const rolled = unpriced === null ? '0' : `-counted.${unpriced}`
  const differs = sums
    .map((sum) => `${exact.whole(sum, UNIT)} * ${UNIT} + ${exact.rest(sum, UNIT)} <> 0`)
    .join(' or ')
  const sql = `select distinct period from (
    select period, member from (
      select spent.period as period, spent.member as member, spent.cost as cost, spent.unpriced as unpriced, spent.records as records from ${SPENT} spent join ${PERIODS} period on period.id = spent.period and period.dimension = '${name}'
      union all
      select period.id, ${member}, -coalesce(counted.cost, 0), case when counted.cost is null then -1 else 0 end, -1 from ${periodTotalsOfRecords.source} counted ${joined}${only}
      union all
      select period.id, ${member}, -counted.cost, ${rolled}, -counted.${records} from ${periodTotalsOfRollups.source} counted ${joined}${only}
    ) together
    group by period, member having ${differs}
  ) wrong`
  return { sql, parameters: [] }
}

/** The dimensions for which totals of periods are kept. */
export const periodDimensions = periodTotalsOfRecords.dimensions
