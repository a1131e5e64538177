// Names beside the ids in a report: of plans and tasks, as shown by their own lists.

import type { CostGrouping, Store } from '../../../index.ts'
import { printableLine } from '../../screen/text.ts'
import { titleOf } from '../plans/view.ts'

/** Names by id. Deleted records have none. */
export type NamesOf = ReadonlyMap<string, string>

type Keys = { readonly [K in CostGrouping]?: string | null }

export async function namesOf(store: Store, groups: readonly Keys[]): Promise<NamesOf> {
  const ids = (...groupings: readonly CostGrouping[]) => [
    ...new Set(groupings.flatMap((grouping) => groups.flatMap((group) => group[grouping] ?? []))),
  ]
  const [plans, tasks] = await Promise.all([
    store.plans.getMany(ids('plan', 'rootPlan')),
    store.tasks.getMany(ids('task')),
  ])
  return new Map([
    ...[...plans].map(([id, plan]) => [id, titleOf(plan)] as const),
    ...[...tasks].map(([id, task]) => [id, printableLine(task.title)] as const),
  ])
}

/** Groupings by something that has a name besides its id. */
export function isNamed(grouping: CostGrouping): boolean {
  return grouping === 'task' || grouping === 'plan' || grouping === 'rootPlan'
}
