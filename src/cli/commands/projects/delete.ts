// `purser projects delete`: deletes the record of a project. Its name stays as a label.

import { defineChange } from '../../flags/actor-flag.ts'
import { toggle } from '../../flags/flags.ts'
import { printableLine } from '../../screen/text.ts'
import { findProject, projectArgument } from './find.ts'

export const deleteProject = defineChange({
  name: 'delete',
  summary: 'delete the record of a project',
  description:
    'Delete the record of a project for good. Plans, tasks and costs that name it stay, and plans keep the profile that they froze. Asks first.',
  args: projectArgument,
  flags: { yes: toggle('do not ask') },
  examples: [
    ['after a question', 'projects delete parser'],
    ['in a script', 'projects delete parser --yes'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { name } = await findProject(store, call.args.name)
      await call.confirm(
        `The record of project ${printableLine(name)} would be deleted for good`,
        call.flags.yes,
      )
      const deleted = await call.acting(store).projects.delete(name)
      // Another process deleted it first.
      if (!deleted) await findProject(store, name)
      return {
        data: { name, deleted },
        show: (screen) => (screen.quiet ? '' : `Deleted project ${screen.paint.bold(printableLine(name))}`),
      }
    }),
})
