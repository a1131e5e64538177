// Names beside the ids in a report: of plans and tasks, as shown by their own lists.

import type { CostGrouping, Store } from '../../../index.ts'
import { printableLine } from '../../screen/text.ts'
import { titleOf } from '../plans/view.ts'

/** Names by id. Deleted records have none. */
export type NamesOf = ReadonlyMap<string, string>

/** The key of a group; null if its records have none. */
export function keyOf(group: object, grouping: CostGrouping): string | null {
  return (group as { readonly [K in CostGrouping]?: string | null })[grouping] ?? null
}

/** Names to show for the ids that a report is grouped by. */
export async function namesOf(store: Store, groups: readonly object[]): Promise<NamesOf> {
  const ids = (...groupings: readonly CostGrouping[]) => [
    ...new Set(groupings.flatMap((grouping) => groups.flatMap((group) => keyOf(group, grouping) ?? []))),
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

/** What a report is grouped by, in words. */
export function groupingText(grouping: CostGrouping): string {
  if (grouping === 'rootPlan') return 'root plan'
  return grouping === 'costStatus' ? 'cost status' : grouping
}
