// `purser projects create`: a record for a project, with the rules for plans that name it.

import type { NewProject } from '../../../index.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { printableLine } from '../../screen/text.ts'
import { projectFields, projectFieldsOf } from './fields.ts'
import { projectArgument } from './find.ts'

export const createProject = defineChange({
  name: 'create',
  summary: 'make a record for a project',
  description:
    'Make a record for a project. Plans that name it from now on take its automation profile, unless they or their action name one. The rest is kept for whoever runs them. A project needs no record to be named by plans, tasks and costs.',
  args: projectArgument,
  flags: projectFields,
  examples: [
    [
      'a project with its own rules',
      'projects create parser --profile cautious --invariant "The grammar stays LL(1)" --environment container',
    ],
    ['one that plans only read', 'projects create standards --read-only'],
  ],
  run: async (call) => {
    const input = { name: call.args.name, ...(await projectFieldsOf(call.flags)) }
    return call.withStore('create', async (store) => {
      const project = await call.acting(store).projects.create(input as NewProject)
      const name = printableLine(project.name)
      const show = commandLine(call.screen, ['projects', 'show', project.name, ...sameDatabase(call.global)])
      return {
        data: project,
        show: (screen) =>
          screen.quiet ? name : `Created project ${screen.paint.bold(name)}\n  ${screen.paint.dim(show)}`,
      }
    })
  },
})
