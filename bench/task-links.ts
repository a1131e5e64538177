// Rows about what a cost record takes from its task: an append that names only the task, against
// one that also names its plan and project and so reads nothing. Both write the same rows into the
// same tables.

import type { Store } from '../src/index.ts'
import { newId } from '../src/index.ts'
import { newCostRecords, newTasks } from './inputs.ts'
import { perOperation, takeTurns, withCallers } from './measure.ts'
import type { Row } from './row.ts'

const TASKS = 500

export async function* taskLinkRows(engine: string, store: Store): AsyncGenerator<Row> {
  const plans = Array.from({ length: 20 }, (_, index) => ({
    planId: newId(),
    name: `links/plan-${index}`,
    actionName: 'label',
    description: 'Has tasks',
  }))
  await store.plans.createMany(plans)
  const inputs = newTasks(TASKS).map((task, index) => ({ ...task, planId: plans[index % 20]?.planId }))
  const tasks = await store.tasks.createMany(inputs)
  const append = (callers: number, count: number, named: boolean) => {
    const costs = newCostRecords(count).map((cost, index) => {
      const { id: taskId, planId, project } = tasks[(index * 7919) % TASKS] as (typeof tasks)[number]
      return { ...cost, taskId, ...(named ? { planId, project } : { planId: null, project: null }) }
    })
    return perOperation(count, () =>
      withCallers(callers, count, (index) =>
        store.costRecords.append(costs[index] as (typeof costs)[number]),
      ),
    )
  }
  for (const [callers, count] of [
    [64, 3200],
    [1, 200],
  ] as const) {
    yield {
      workload: `${engine}: costRecords.append of a task, ${callers} caller${callers === 1 ? '' : 's'}, against naming plan and project`,
      unit: 'µs',
      target: { kind: 'none' },
      ...(await takeTurns(15, async () => ({
        ours: await append(callers, count, false),
        raw: await append(callers, count, true),
      }))),
    }
  }
}
