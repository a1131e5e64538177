// Finds the budget that a command is about.

import type { Budget, Store } from '../../../index.ts'
import { required } from '../../run/command.ts'
import { CommandError } from '../../run/failure.ts'
import { printableLine } from '../../screen/text.ts'

/** The argument of commands about one budget. */
export const budgetArgument = { name: required('the name of the budget') }

/** @throws CommandError if there is none */
export async function findBudget(store: Pick<Store, 'budgets'>, name: string): Promise<Budget> {
  const budget = await store.budgets.get(name)
  if (budget !== null) return budget
  throw new CommandError(
    'RECORD_NOT_FOUND',
    `there is no budget with the name ${JSON.stringify(printableLine(name))}; purser budgets list shows those there are`,
  )
}
