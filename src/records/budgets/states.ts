// How much of budgets is spent and held. One statement reads both, so a hold that a cost settles
// meanwhile counts exactly once.

import type { Row, WireValue } from '../../engines/contract/engine.ts'
import { MONEY_SCALE as UNIT } from '../../values/money.ts'
import { inPlanTree } from '../repository/plan-tree.ts'
import type { RecordSession, Runner } from '../repository/session.ts'
import type { Budget } from './definition.ts'
import { HOLDS, periodTotalsOfRecords, SPENT } from './period-totals.ts'
import type { Period } from './periods.ts'

/** A budget in one of its periods. */
export interface BudgetInPeriod {
  readonly budget: Budget
  readonly period: Period
}

export interface BudgetState {
  /** In billionths. */
  readonly spent: bigint
  /** What live reservations hold, in billionths. */
  readonly held: bigint
  /** Records of the period whose cost is not known. */
  readonly unpriced: number
  /** Whether there are holds that have expired. */
  readonly hasExpired: boolean
}

/** The most budgets of one statement. */
const CHUNK = 32

/**
 * The states of budgets, in their order.
 * @param now by the database's clock: holds that end until then are no more
 * @param fromRecords sums the records of periods whose totals are not kept
 */
export async function readStates(
  session: RecordSession,
  runner: Pick<Runner, 'read'>,
  budgets: readonly BudgetInPeriod[],
  now: Date,
  fromRecords: (period: Period) => boolean = () => false,
): Promise<readonly BudgetState[]> {
  const states: BudgetState[] = []
  for (let start = 0; start < budgets.length; start += CHUNK) {
    const part = budgets.slice(start, start + CHUNK)
    states.push(...(await readPart(session, runner, part, now, fromRecords)))
  }
  return states
}

async function readPart(
  session: RecordSession,
  runner: Pick<Runner, 'read'>,
  budgets: readonly BudgetInPeriod[],
  now: Date,
  fromRecords: (period: Period) => boolean,
): Promise<readonly BudgetState[]> {
  const { codec, exactSums: exact } = session.engine
  const values: WireValue[] = []
  const until = codec.encode.instant(now)
  const add = (sql: string, more: readonly WireValue[]): string => {
    values.push(...more)
    return sql
  }
  const selects = budgets.flatMap(({ budget, period }, place) => [
    ...(fromRecords(period)
      ? sumsOfRecords(session, budget, period).map(({ sql, parameters }) =>
          add(`select ${place} as place, 1 as kind, ${sql}`, parameters),
        )
      : [
          (() => {
            const { sql, parameters } = members(session, budget, 'member')
            return add(
              `select ${place} as place, 1 as kind, ${exact.whole('cost', UNIT)} as whole, ${exact.rest('cost', UNIT)} as rest, sum(unpriced) as unpriced from ${SPENT} where period = ? and ${sql}`,
              [period.id, ...parameters],
            )
          })(),
        ]),
    add(
      `select ${place}, 2, ${exact.whole('amount', UNIT)}, ${exact.rest('amount', UNIT)}, 0 from ${HOLDS} where budget = ? and currency = ? and expires_at > ?`,
      [budget.name, budget.currency, until],
    ),
    add(`select ${place}, 3, 0, count(*), 0 from ${HOLDS} where budget = ? and expires_at <= ?`, [
      budget.name,
      until,
    ]),
  ])
  const sql = selects.join(' union all ')
  const rows = await runner.read(session.statements.raw(sql, sql, values))
  const found = (place: number, kind: number) =>
    rows.filter((row) => Number(row[0]) === place && Number(row[1]) === kind)
  const sum = (parts: readonly Row[]) =>
    parts.reduce((total, [, , whole, rest]) => total + wholeNumber(whole) * UNIT + wholeNumber(rest), 0n)
  return budgets.map((_, place) => ({
    spent: sum(found(place, 1)),
    held: sum(found(place, 2)),
    unpriced: found(place, 1).reduce((total, row) => total + Number(wholeNumber(row[4])), 0),
    hasExpired: sum(found(place, 3)) > 0n,
  }))
}

interface Condition {
  readonly sql: string
  readonly parameters: readonly WireValue[]
}

/** The members that a budget counts. */
function members({ engine }: RecordSession, { scope, target }: Budget, column: string): Condition {
  if (scope === 'plan') return inPlanTree(column, target ?? '', engine.matching).query
  if (scope === 'everything' && column !== 'member') return { sql: '1 = 1', parameters: [] }
  return { sql: `${column} = ?`, parameters: [target ?? ''] }
}

/** The same sums from the records themselves and the roll-ups of pruned ones. */
function sumsOfRecords(
  session: RecordSession,
  budget: Budget,
  { currency, begin, last }: Period,
): readonly Condition[] {
  const { codec, exactSums: exact } = session.engine
  const column = periodTotalsOfRecords.dimensions.find(({ name }) => name === budget.scope)?.column ?? ''
  const counted = members(session, budget, column)
  const sums = `${exact.whole('cost', UNIT)} as whole, ${exact.rest('cost', UNIT)} as rest`
  const parameters = [
    currency,
    codec.encode.instant(begin),
    codec.encode.instant(last),
    ...counted.parameters,
  ]
  const inside = `currency = ? and timestamp >= ? and timestamp <= ? and ${counted.sql}`
  return [
    {
      sql: `${sums}, sum(case when cost is null then 1 else 0 end) as unpriced from cost_records where ${inside}`,
      parameters,
    },
    { sql: `${sums}, sum(unpriced) as unpriced from cost_rollups where ${inside}`, parameters },
  ]
}

function wholeNumber(value: WireValue | undefined): bigint {
  return typeof value === 'number' ? BigInt(Math.trunc(value)) : BigInt(String(value ?? 0))
}

/** The present time by the database's clock. */
export async function readNow(session: RecordSession, runner: Pick<Runner, 'read'>): Promise<Date> {
  const sql = `select ${session.engine.locking.now}`
  const [row] = await runner.read(session.statements.raw(sql, sql, []))
  const now = session.engine.codec.decode.instant(row?.[0] ?? '')
  if (now instanceof Date) return now
  throw new TypeError('the clock of the database cannot be read')
}
