// The periods of budgets, and the database's totals of them. The totals of a period are kept from
// its first reservation on: a row for the period is stored, together with the sums of the records
// that there are, and triggers add every later record (engines/contract/period-totals.ts). Budgets
// with equal periods share them: a period has a total for each agent, or each plan.

import type { WriteOperation } from '../../engines/contract/engine.ts'
import { MAX_INSTANT, MIN_INSTANT } from '../../values/instant.ts'
import { periodContaining } from '../../values/time-zone.ts'
import { type RecordSession, type Runner, writeAll } from '../repository/session.ts'
import { padded } from '../repository/statements.ts'
import type { Budget } from './definition.ts'
import type { BudgetScope } from './enums.ts'
import { PERIODS, periodTotalsOfRecords, periodTotalsOfRollups, SPENT } from './period-totals.ts'

export interface Period {
  /** The same for every budget with this scope, currency, begin and end. */
  readonly id: string
  readonly scope: BudgetScope
  readonly currency: string
  readonly begin: Date
  /** The last millisecond. */
  readonly last: Date
}

/** The period of a budget that contains an instant. */
export function periodOf(budget: Budget, instant: Date): Period {
  const { scope, currency } = budget
  const [begin, last] = boundsOf(budget, instant.getTime())
  const id = `${scope} ${currency} ${begin.toISOString()} ${last.toISOString()}`
  return { id, scope, currency, begin, last }
}

function boundsOf({ period, timeZone }: Budget, instant: number): readonly [Date, Date] {
  if (period === 'total') return [new Date(MIN_INSTANT), new Date(MAX_INSTANT)]
  const { begin, end } = periodContaining(instant, period, timeZone)
  return [new Date(begin), new Date(Math.min(end - 1, MAX_INSTANT))]
}

/** Begin and end as callers see them: null for all time, the end excluded. */
export function shownPeriod(
  budget: Budget,
  { begin, last }: Period,
): { readonly begin: Date | null; readonly end: Date | null } {
  if (budget.period === 'total') return { begin: null, end: null }
  return { begin, end: new Date(last.getTime() + 1) }
}

/** Which of the periods have totals. */
export async function readKept(
  session: RecordSession,
  runner: Pick<Runner, 'read'>,
  periods: readonly Period[],
): Promise<ReadonlySet<string>> {
  const kept = new Set<string>()
  const ids = [...new Set(periods.map(({ id }) => id))]
  for (let start = 0; start < ids.length; start += CHUNK) {
    const wanted = padded(ids.slice(start, start + CHUNK))
    const sql = `select id from ${PERIODS} where id in (${wanted.map(() => '?').join(', ')})`
    const rows = await runner.read(session.statements.raw(sql, sql, wanted))
    for (const [id] of rows) kept.add(String(id))
  }
  return kept
}

const CHUNK = 256

/**
 * Has the database keep the totals of periods, from now on and exactly: writers that have stored a
 * cost are waited for, and further ones wait, while the sums of what is there are taken. Call it
 * inside a transaction, before rows of holds are changed.
 */
export async function keepPeriods(
  session: RecordSession,
  runner: Runner,
  periods: readonly Period[],
): Promise<void> {
  const before = await readKept(session, runner, periods)
  if (periods.every(({ id }) => before.has(id))) return
  const lock = session.engine.locking.insertsInto([periodTotalsOfRecords, periodTotalsOfRollups])
  if (lock) await runner.read(lock)
  const kept = new Set(lock ? await readKept(session, runner, periods) : before)
  for (const period of periods) {
    if (kept.has(period.id)) continue
    kept.add(period.id)
    await writeAll(runner, beginning(session, period))
  }
}

/** Stores a period with the sums of the records that are in it. */
function beginning(
  { engine, statements }: RecordSession,
  { id, scope, currency, begin, last }: Period,
): readonly WriteOperation[] {
  const [first, end] = [begin, last].map((instant) => engine.codec.encode.instant(instant))
  const bounds = [currency, first ?? null, end ?? null]
  const inside = 'currency = ? and timestamp >= ? and timestamp <= ?'
  const column = periodTotalsOfRecords.dimensions.find(({ name }) => name === scope)?.column ?? null
  const member = column ?? "''"
  const records = `select ${member} as member, coalesce(cost, 0) as cost, case when cost is null then 1 else 0 end as unpriced, 1 as records from cost_records where ${inside}`
  const rollups = `select ${member} as member, cost, ${periodTotalsOfRollups.counts?.unpriced ?? '0'} as unpriced, records from cost_rollups where ${inside}`
  const execute = (sql: string, values: readonly (typeof bounds)[number][]): WriteOperation => ({
    kind: 'execute',
    query: statements.raw(sql, sql, values),
  })
  return [
    execute(`delete from ${SPENT} where period = ?`, [id]),
    execute(
      `insert into ${PERIODS} (id, dimension, currency, first_at, last_at) values (?, '${scope}', ?, ?, ?)`,
      [id, ...bounds],
    ),
    execute(
      `insert into ${SPENT} (period, member, slot, cost, unpriced, records) select ?, member, 0, sum(cost), sum(unpriced), sum(records) from (${records} union all ${rollups}) counted where member is not null group by member`,
      [id, ...bounds, ...bounds],
    ),
  ]
}
