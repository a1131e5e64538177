// Finds the plan that a command is about, by its id or, for a root, by its name.

import type { Plan, Store } from '../../index.ts'
import { required } from '../command.ts'
import { CommandError } from '../failure.ts'
import { printableLine } from '../screen/text.ts'

/** The argument of commands about one plan. */
export const planArgument = { plan: required('the id of the plan, or the name of a root') }

/** @throws CommandError when there is none */
export async function findPlan(store: Pick<Store, 'plans'>, idOrName: string): Promise<Plan> {
  const plan = await store.plans.get(idOrName)
  if (plan !== null) return plan
  const isName = /^[^*?/]+\/[^*?/]+$/.test(idOrName)
  const [root] = isName ? (await store.plans.list({ name: idOrName }, { limit: 1 })).items : []
  if (root) return root
  throw new CommandError(
    'RECORD_NOT_FOUND',
    `there is no plan with the id or name ${JSON.stringify(printableLine(idOrName))}; purser plans list shows those there are`,
  )
}
