// Totals that differ from the sums of their records. The difference is added instead of overwriting
// the total: concurrent appends add to both sides, so the difference is unaffected and no writer
// has to be locked out.

import { differingTotals, totalColumnNames, totalsOf } from '../doctor/cost-totals.ts'
import type { WireValue } from '../engines/contract/engine.ts'
import type { TotalsSpec } from '../engines/contract/schema.ts'
import { QueryError } from '../errors.ts'
import { AuditTrail } from '../records/audit-entries/trail.ts'
import { type RecordSession, type Runner, writeAll } from '../records/repository/session.ts'
import { FIX_ACTION, type Repair } from './repair-plan.ts'

/** Finds running totals that differ from the sums of their records. */
export async function findTotalRepairs(
  session: Pick<RecordSession, 'engine' | 'read'>,
): Promise<readonly Repair[]> {
  const totals = totalsOf()
  if (!totals) return []
  const repairs: Repair[] = []
  for (const dimension of totals.dimensions) {
    const { length } = await session.read(differingTotals(session.engine, totals, dimension))
    if (length === 0) continue
    repairs.push({
      kind: 'totals',
      table: totals.target,
      id: null,
      column: dimension.name,
      before: null,
      after: null,
      detail: `${length} ${length === 1 ? 'total is' : 'totals are'} not the sum of the records`,
    })
  }
  return repairs
}

/** Ends a transaction in which there is nothing to do. */
class NothingLacking extends QueryError {
  constructor() {
    super('no total differs any more')
  }
}

/** Adds the difference to each total of a dimension; all of them, with one audit entry, or none. */
export async function repairTotals(session: RecordSession, { column }: Repair): Promise<void> {
  const totals = totalsOf()
  const dimension = totals?.dimensions.find(({ name }) => name === column)
  if (!totals || !dimension) return
  const add = session.inTransaction(async (runner) => {
    const chain = new AuditTrail(session).entry({
      action: FIX_ACTION,
      subjectType: 'totals',
      subjectId: dimension.name,
      reason: 'totals were not the sums of their records; the difference was added',
    })
    // The entry first: a concurrent repair waits for it, and then finds nothing left to add.
    await writeAll(runner, [{ kind: 'append', chain }])
    const rows = await runner.read(differingTotals(session.engine, totals, dimension))
    if (rows.length === 0) throw new NothingLacking()
    const sums = totalColumnNames(totals)
    for (const [member = null, partitionBy = null, ...differences] of rows) {
      const lacking = differences.map((cell) => -BigInt(String(cell ?? 0)))
      await addTo(session, runner, totals, [dimension.name, member, partitionBy], sums, lacking)
    }
    const none = sums.map((sum) => `${sum} = 0`).join(' and ')
    const empty = session.statements.raw(
      `repair ${totals.target} empty`,
      `delete from ${totals.target} where dimension = ? and ${none}`,
      [dimension.name],
    )
    await writeAll(runner, [{ kind: 'execute', query: empty }])
  })
  try {
    await add
  } catch (error) {
    // Another repair was first; the entry was rolled back with the transaction.
    if (!(error instanceof NothingLacking)) throw error
  }
}

/**
 * Adds the difference to one total. Its rows are merged into the first one, so that none remains of
 * a total that should not exist. All changes are increments, so that others may add concurrently.
 */
async function addTo(
  { engine, statements }: RecordSession,
  runner: Runner,
  { target, partitionBy }: TotalsSpec,
  place: readonly WireValue[],
  sums: readonly string[],
  lacking: readonly bigint[],
): Promise<void> {
  const where = `dimension = ? and member = ? and ${partitionBy} = ?`
  const there = await runner.read(
    statements.raw(
      `repair ${target} rows`,
      `select slot, ${sums.join(', ')} from ${target} where ${where} order by slot`,
      place,
    ),
  )
  const change = async (slot: WireValue, amounts: readonly bigint[]): Promise<void> => {
    const sql = `update ${target} set ${sums.map((sum) => `${sum} = ${sum} + ?`).join(', ')} where ${where} and slot = ?`
    const values = [...amounts.map((amount) => engine.codec.encode.money(amount)), ...place, slot]
    await writeAll(runner, [
      { kind: 'execute', query: statements.raw(`repair ${target} change`, sql, values) },
    ])
  }
  const [first, ...others] = there.map(([slot = null, ...cells]) => ({
    slot,
    amounts: cells.map((cell) => BigInt(String(cell ?? 0))),
  }))
  if (!first) {
    const columns = ['dimension', 'member', partitionBy, 'slot', ...sums].join(', ')
    const sql = `insert into ${target} (${columns}) values (?, ?, ?, 0, ${sums.map(() => '?').join(', ')})`
    const values = [...place, ...lacking.map((amount) => engine.codec.encode.money(amount))]
    await writeAll(runner, [
      { kind: 'execute', query: statements.raw(`repair ${target} insert`, sql, values) },
    ])
    return
  }
  for (const { slot, amounts } of others)
    await change(
      slot,
      amounts.map((amount) => -amount),
    )
  await change(
    first.slot,
    lacking.map((amount, index) => others.reduce((sum, { amounts }) => sum + (amounts[index] ?? 0n), amount)),
  )
}
