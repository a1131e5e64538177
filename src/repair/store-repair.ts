// Repairs of one store: first a plan, which changes nothing, then its execution, each repair
// separately with its audit entry.

import { z } from 'zod'
import { totalsOf } from '../doctor/cost-totals.ts'
import { QueryError } from '../errors.ts'
import { SPENT } from '../records/budgets/period-totals.ts'
import { parseOrThrow } from '../records/model/issues.ts'
import type { RecordSession } from '../records/repository/session.ts'
import { findPeriodRepairs, forgetPeriods } from './period-repairs.ts'
import { findQueueRepairs, rebuildQueue } from './queue-repairs.ts'
import { MAX_LISTED, type Repair, type RepairPlan, type RepairReport } from './repair-plan.ts'
import { findStructureRepairs, repairStructure } from './structure-repairs.ts'
import { findTotalRepairs, repairTotals } from './total-repairs.ts'
import { findValueRepairs, repairRow } from './value-repairs.ts'

/** Everything that can be repaired in a store, without changing it. */
export async function planRepairs(session: Pick<RecordSession, 'engine' | 'read'>): Promise<RepairPlan> {
  const structure = await findStructureRepairs(session)
  const values = await findValueRepairs(session)
  const totals = [
    ...(await findTotalRepairs(session).catch(onlyDamage)),
    ...(await findPeriodRepairs(session).catch(onlyDamage)),
    ...(await findQueueRepairs(session).catch(onlyDamage)),
  ]
  const repairs = [...structure.repairs, ...values.repairs, ...totals]
  const left = [...structure.left, ...values.left]
  const beyond = ({ length }: readonly unknown[]) => Math.max(0, length - MAX_LISTED)
  return {
    repairs: repairs.slice(0, MAX_LISTED),
    left: left.slice(0, MAX_LISTED),
    more: { repairs: values.more.repairs + beyond(repairs), left: values.more.left + beyond(left) },
  }
}

/** Damage is already listed by its table. */
function onlyDamage(error: unknown): readonly Repair[] {
  if (error instanceof QueryError) return []
  throw error
}

const text = z.string().nullable()
const planRule = z.looseObject({
  repairs: z.array(
    z.strictObject({
      kind: z.enum(['value', 'totals', 'queue', 'index', 'full text']),
      table: z.string(),
      id: text,
      column: text,
      before: text,
      after: text,
      detail: z.string().max(200),
    }),
  ),
})

/** @throws errors that do not concern a single repair: a lost connection, a held lock */
export async function makeRepairs(
  session: RecordSession,
  plan: Pick<RepairPlan, 'repairs'>,
): Promise<RepairReport> {
  const { repairs } = parseOrThrow('repair plan', planRule, plan)
  const done: Repair[] = []
  const failed: (Repair & { readonly reason: string })[] = []
  for (const together of groups(repairs)) {
    try {
      await make(session, together)
      done.push(...together)
    } catch (error) {
      const known = session.engine.classify(error)
      if (known.retryable) throw known
      failed.push(...together.map((repair) => ({ ...repair, reason: known.message })))
    }
  }
  // A corrected word may affect a total.
  if (done.some(({ kind, table }) => kind === 'value' && table === totalsOf()?.source)) {
    for (const repair of await findTotalRepairs(session)) {
      if (done.some(({ table, column }) => table === repair.table && column === repair.column)) continue
      await repairTotals(session, repair)
      done.push(repair)
    }
  }
  return { done, failed }
}

/** Values of one record are repaired together; everything else separately. */
function groups(repairs: readonly Repair[]): readonly (readonly Repair[])[] {
  const keyOf = (repair: Repair, index: number) =>
    repair.kind === 'value' ? JSON.stringify([repair.table, repair.id]) : String(index)
  const found = new Map<string, Repair[]>()
  for (const [index, repair] of repairs.entries()) {
    const key = keyOf(repair, index)
    found.set(key, [...(found.get(key) ?? []), repair])
  }
  return [...found.values()]
}

async function make(session: RecordSession, together: readonly Repair[]): Promise<void> {
  const [first] = together
  if (!first) return
  if (first.kind === 'value') return repairRow(session, together)
  if (first.kind === 'queue') return rebuildQueue(session)
  if (first.kind === 'totals' && first.table === SPENT) return forgetPeriods(session, first)
  if (first.kind === 'totals') return repairTotals(session, first)
  return repairStructure(session, first)
}
