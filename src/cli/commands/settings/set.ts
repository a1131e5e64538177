// `purser settings set`: stores the value of a setting, whether or not there is one.

import type { SettingBase } from '../../../index.ts'
import { defineChange, ifVersion } from '../../flags/actor-flag.ts'
import { toggle } from '../../flags/flags.ts'
import { required } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { printableLine } from '../../screen/text.ts'
import { settingArgument } from './find.ts'

type JsonValue = Parameters<import('../../../index.ts').SettingRepository['set']>[1]

export const setSetting = defineChange({
  name: 'set',
  summary: 'store the value of a setting',
  description:
    'Store the value of a setting, whether or not there is one of the name. The value is JSON; a text needs its quotes.',
  args: { ...settingArgument, value: required('the value, as JSON', readValue) },
  flags: {
    ifVersion: ifVersion('setting'),
    ifNew: toggle('only if there is no setting of the name yet'),
  },
  examples: [
    ['a text', `settings set local/theme '"dark"'`],
    ['anything else', `settings set local/limits '{"agents": 4}'`],
    ['if nobody changed it meanwhile', `settings set local/theme '"light"' --if-version 1`],
  ],
  run: (call) => {
    const { ifVersion: version, ifNew } = call.flags
    if (version !== undefined && ifNew) {
      throw new UsageError('--if-version and --if-new contradict each other; give one of them')
    }
    const base: SettingBase = ifNew ? { version: null } : { version }
    return call.withStore('create', async (store) => {
      const value = JSON.parse(call.args.value) as JsonValue
      const setting = await call.acting(store).settings.set(call.args.name, value, base)
      const shown = printableLine(setting.name)
      return {
        data: setting,
        show: (screen) =>
          screen.quiet ? shown : `Set ${screen.paint.bold(shown)}, now at version ${setting.version}`,
      }
    })
  },
})

/** @throws UsageError for text that is not JSON */
function readValue(text: string): string {
  try {
    JSON.parse(text)
    return text
  } catch {
    throw new UsageError(`must be JSON, for example '"dark"', 4 or '{"agents": 4}'`)
  }
}
