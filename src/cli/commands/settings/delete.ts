// `purser settings delete`: deletes a setting.

import { defineChange, ifVersion } from '../../flags/actor-flag.ts'
import { toggle } from '../../flags/flags.ts'
import { printableLine } from '../../screen/text.ts'
import { findSetting, settingArgument } from './find.ts'

export const deleteSetting = defineChange({
  name: 'delete',
  summary: 'delete a setting',
  description: 'Delete a setting for good. Asks first.',
  args: settingArgument,
  flags: { ifVersion: ifVersion('setting'), yes: toggle('do not ask') },
  examples: [
    ['after a question', 'settings delete local/theme'],
    ['in a script', 'settings delete local/theme --yes'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { name } = await findSetting(store, call.args.name)
      await call.confirm(`Setting ${printableLine(name)} would be deleted for good`, call.flags.yes)
      const deleted = await call.acting(store).settings.delete(name, { version: call.flags.ifVersion })
      // Another process deleted it first.
      if (!deleted) await findSetting(store, name)
      return {
        data: { name, deleted },
        show: (screen) => (screen.quiet ? '' : `Deleted setting ${screen.paint.bold(printableLine(name))}`),
      }
    }),
})
