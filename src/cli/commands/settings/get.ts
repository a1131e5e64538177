// `purser settings get`: the value of one setting, as JSON.

import { defineCommand } from '../../run/command.ts'
import { printableLine } from '../../screen/text.ts'
import { findSetting, settingArgument } from './find.ts'

export const getSetting = defineCommand({
  name: 'get',
  summary: 'print the value of one setting, as JSON',
  args: settingArgument,
  examples: [
    ['a value', 'settings get local/theme'],
    ['with its version and times', 'settings get local/theme --json'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const setting = await findSetting(store, call.args.name)
      return { data: setting, show: () => printableLine(JSON.stringify(setting.value)) }
    }),
})
