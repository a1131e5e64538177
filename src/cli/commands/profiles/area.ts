// `purser profiles …`

import type { Area } from '../../run/command.ts'
import { addProfile } from './add.ts'
import { listProfiles } from './list.ts'
import { removeProfile } from './remove.ts'
import { showProfile } from './show.ts'
import { updateProfile } from './update.ts'

export const profiles: Area = {
  name: 'profiles',
  record: 'automation_profile',
  summary: 'how far plans may go without a human: list, show, add, update, remove',
  commands: [listProfiles, showProfile, addProfile, updateProfile, removeProfile],
}
