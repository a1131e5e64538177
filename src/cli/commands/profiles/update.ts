// `purser profiles update`: replaces a custom profile with the contents of a file. Plans keep the
// copy taken when they were created.

import { defineChange, ifVersion } from '../../flags/actor-flag.ts'
import { printableLine } from '../../screen/text.ts'
import { fileArgument, readProfile } from './file.ts'
import { findOwnProfile } from './find.ts'

export const updateProfile = defineChange({
  name: 'update',
  summary: 'replace a profile of your own by what a file says',
  description:
    'Replace a profile of your own, the one of the name in the file, by what the file says. Plans that are there keep the copy that they were made with.',
  args: fileArgument,
  flags: { ifVersion: ifVersion('profile') },
  examples: [
    ['from a file', 'profiles update careful.yaml'],
    ['only if nobody was faster', 'profiles update careful.yaml --if-version 1'],
  ],
  run: async (call) => {
    const { name, ...patch } = await readProfile(call.args.file)
    return call.withStore('existing', async (store) => {
      const before = await findOwnProfile(store, name)
      const version = call.flags.ifVersion ?? before.version ?? 1
      const { automationProfiles } = call.acting(store)
      const known = await automationProfiles.update(name, patch, { version })
      return {
        data: known,
        show: (screen) =>
          screen.quiet
            ? ''
            : `Updated profile ${screen.paint.bold(printableLine(known.name))}, now at version ${known.version}`,
      }
    })
  },
})
