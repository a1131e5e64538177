// `purser settings …`

import type { Area } from '../../run/command.ts'
import { deleteSetting } from './delete.ts'
import { getSetting } from './get.ts'
import { listSettings } from './list.ts'
import { setSetting } from './set.ts'

export const settings: Area = {
  name: 'settings',
  record: 'setting',
  summary: 'values that all programs of a database share: list, get, set, delete',
  commands: [listSettings, getSetting, setSetting, deleteSetting],
}
