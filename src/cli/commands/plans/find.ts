// Finds the plan that a command is about, by its id, a prefix of its id or, for a root, its name.

import type { Plan, Store } from '../../../index.ts'
import { identify } from '../../flags/identify.ts'
import { required } from '../../run/command.ts'

/** The argument of commands about one plan. */
export const planArgument = {
  plan: required('the id of the plan, the beginning of it, or the name of a root'),
}

/** @throws CommandError if there is none; UsageError if several ids have the prefix */
export async function findPlan(store: Pick<Store, 'plans'>, idOrName: string): Promise<Plan> {
  const isName = /^[^*?/]+\/[^*?/]+$/.test(idOrName)
  const [root] = isName ? (await store.plans.list({ name: idOrName }, { limit: 1 })).items : []
  if (root) return root
  return identify(store.plans, idOrName, { noun: 'plan', by: 'id or name', list: 'purser plans list' })
}
