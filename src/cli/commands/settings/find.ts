// Finds the setting that a command is about.

import type { Setting, Store } from '../../../index.ts'
import { required } from '../../run/command.ts'
import { CommandError } from '../../run/failure.ts'
import { printableLine } from '../../screen/text.ts'

/** The argument of commands about one setting. */
export const settingArgument = { name: required('the name of the setting: namespace/key') }

/** @throws CommandError if there is none */
export async function findSetting(store: Pick<Store, 'settings'>, name: string): Promise<Setting> {
  const setting = await store.settings.get(name)
  if (setting !== null) return setting
  throw new CommandError(
    'RECORD_NOT_FOUND',
    `there is no setting with the name ${JSON.stringify(printableLine(name))}; purser settings list shows those there are`,
  )
}
