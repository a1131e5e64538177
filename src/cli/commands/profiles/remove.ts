// `purser profiles remove`: deletes a custom profile. Plans keep the copy taken when they were
// created.

import { defineChange } from '../../flags/actor-flag.ts'
import { toggle } from '../../flags/flags.ts'
import { printableLine } from '../../screen/text.ts'
import { findOwnProfile, findProfile, profileArgument } from './find.ts'

export const removeProfile = defineChange({
  name: 'remove',
  summary: 'remove a profile of your own',
  description:
    'Remove a profile of your own; built-in ones stay. Plans that are there keep the copy that they were made with; actions and configurations that name it make no plans any more. Asks first.',
  args: profileArgument,
  flags: { yes: toggle('do not ask') },
  examples: [
    ['after a question', 'profiles remove local/careful'],
    ['in a script', 'profiles remove local/careful --yes'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { name } = await findOwnProfile(store, call.args.name)
      await call.confirm(
        `Profile ${printableLine(name)} would be removed; plans keep their copies of it`,
        call.flags.yes,
      )
      const removed = await call.acting(store).automationProfiles.delete(name)
      // Another process deleted it first.
      if (!removed) await findProfile(store, name)
      return {
        data: { name, deleted: removed },
        show: (screen) => (screen.quiet ? '' : `Removed profile ${screen.paint.bold(printableLine(name))}`),
      }
    }),
})
