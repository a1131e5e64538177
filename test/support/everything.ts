// Rows in every table: a sample of every record, and what comes of records: totals of a budget's
// periods, a reservation, and where something was pruned its sums and cuts.

import { inThePast } from '../../src/conformance/store/clock.ts'
import { writeSamples } from '../../src/conformance/support/record-samples.ts'
import { oldCosts } from '../../src/conformance/support/retention-samples.ts'
import {
  fullTask,
  newBudget,
  newCost,
  newEntry,
  newPlan,
  newTask,
} from '../../src/conformance/support/samples.ts'
import type { Store } from '../../src/index.ts'
import { DAY } from '../../src/values/instant.ts'

/**
 * The doctor finds nothing wrong with what this writes to an empty store.
 * @param options whether old costs and entries of the audit trail are pruned
 */
export async function writeEverything(
  store: Store,
  { isPruned }: { readonly isPruned: boolean },
): Promise<void> {
  await inThePast(100 * DAY, () => store.audit.append(newEntry()))
  // Going down to versions that know no cost without a price would forget the totals of periods.
  const costs = oldCosts(16).filter(({ cost }) => cost !== null)
  await store.costRecords.appendMany(costs.map(({ idempotencyKey: _, ...cost }) => cost))
  if (isPruned) await store.retention.prune({ audit: '90d', costs: '50d' })
  await store.budgets.create(newBudget({ limit: '10' }))
  await store.budgets.reserve({ agentId: 'agent-7', estimate: '0.5' })
  const root = await store.plans.create(newPlan())
  const child = await store.plans.create(newPlan({ parentPlanId: root.planId }))
  await store.tasks.create(newTask({ planId: child.planId }))
  // What the sample of a task waits for.
  const { dependencies = [] } = fullTask()
  await store.tasks.createMany(dependencies.map((id) => newTask({ id })))
  // Enough for the budget to warn.
  await store.costRecords.append(newCost({ planId: child.planId, cost: '9' }))
  await writeSamples(store)
}
