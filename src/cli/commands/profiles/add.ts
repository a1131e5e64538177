// `purser profiles add`: stores a custom profile from a file.

import { defineChange } from '../../flags/actor-flag.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { printableLine } from '../../screen/text.ts'
import { fileArgument, readProfile } from './file.ts'

export const addProfile = defineChange({
  name: 'add',
  summary: 'store a profile of your own from a YAML or JSON file',
  description:
    'Store a profile of your own from a YAML or JSON file: a name such as local/careful, the eleven thresholds, and what differs from the defaults. Unknown keys are errors.',
  args: fileArgument,
  examples: [
    ['from a file', 'profiles add careful.yaml'],
    ['from standard input', 'profiles add - < careful.json'],
  ],
  run: async (call) => {
    const profile = await readProfile(call.args.file)
    return call.withStore('create', async (store) => {
      const known = await call.acting(store).automationProfiles.create(profile)
      const name = printableLine(known.name)
      const show = commandLine(call.screen, ['profiles', 'show', known.name, ...sameDatabase(call.global)])
      return {
        data: known,
        show: (screen) =>
          screen.quiet ? name : `Added profile ${screen.paint.bold(name)}\n  ${screen.paint.dim(show)}`,
      }
    })
  },
})
