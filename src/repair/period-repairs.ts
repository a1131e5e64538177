// Totals of periods that differ from the sums of their records. They are forgotten: the next
// reservation in such a period has the database sum up its records anew.

import { findDifferingPeriods, periodDimensions } from '../doctor/period-totals.ts'
import type { Query } from '../engines/contract/engine.ts'
import { AuditTrail } from '../records/audit-entries/trail.ts'
import {
  PERIODS,
  periodTotalsOfRecords,
  periodTotalsOfRollups,
  SPENT,
} from '../records/budgets/period-totals.ts'
import type { RecordSession } from '../records/repository/session.ts'
import { writeAll } from '../records/repository/session.ts'
import { FIX_ACTION, type Repair } from './repair-plan.ts'

/** Finds budget periods that differ from the sums of their records. */
export async function findPeriodRepairs(
  session: Pick<RecordSession, 'engine' | 'read'>,
): Promise<readonly Repair[]> {
  const repairs: Repair[] = []
  for (const dimension of periodDimensions) {
    const { length } = await findDifferingPeriods(session.engine, session.read, dimension)
    if (length === 0) continue
    repairs.push({
      kind: 'totals',
      table: SPENT,
      id: null,
      column: dimension.name,
      before: null,
      after: null,
      detail: `${length} ${length === 1 ? 'period of budgets has a total that is' : 'periods of budgets have totals that are'} not the sum of the records`,
    })
  }
  return repairs
}

/**
 * Forgets the differing periods of a dimension, with one audit entry, while no cost is inserted.
 */
export async function forgetPeriods(session: RecordSession, { column }: Repair): Promise<void> {
  const dimension = periodDimensions.find(({ name }) => name === column)
  if (!dimension) return
  const { engine, statements } = session
  await session.inTransaction(async (runner) => {
    const lock = engine.locking.insertsInto([periodTotalsOfRecords, periodTotalsOfRollups])
    if (lock) await runner.read(lock)
    const read = (query: Query) => runner.read(query)
    const periods = await findDifferingPeriods(engine, read, dimension)
    if (periods.length === 0) return
    const chain = new AuditTrail(session).entry({
      action: FIX_ACTION,
      subjectType: 'totals',
      subjectId: `periods by ${dimension.name}`,
      reason: 'totals were not the sums of their records; they will be summed up anew',
    })
    const remove = periods.flatMap((period) =>
      [`delete from ${SPENT} where period = ?`, `delete from ${PERIODS} where id = ?`].map((sql) => ({
        kind: 'execute' as const,
        query: statements.raw(sql, sql, [period]),
      })),
    )
    await writeAll(runner, [...remove, { kind: 'append', chain }])
  })
}
