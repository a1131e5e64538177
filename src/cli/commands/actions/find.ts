// Finds the action that a command is about.

import type { Action, Store } from '../../../index.ts'
import { required } from '../../run/command.ts'
import { CommandError } from '../../run/failure.ts'
import { printableLine } from '../../screen/text.ts'

/** The argument of commands about one action. */
export const actionArgument = { name: required('the name of the action') }

/** @throws CommandError if there is none */
export async function findAction(store: Pick<Store, 'actions'>, name: string): Promise<Action> {
  const action = await store.actions.get(name)
  if (action !== null) return action
  throw new CommandError(
    'RECORD_NOT_FOUND',
    `there is no action with the name ${JSON.stringify(printableLine(name))}; purser actions list shows those there are`,
  )
}
