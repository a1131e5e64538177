// `purser projects update`: changes a project; plans keep the profile that they froze.

import type { ProjectPatch } from '../../../index.ts'
import { defineChange, ifVersion } from '../../flags/actor-flag.ts'
import { clearFlag, patchOf } from '../../flags/clear-flag.ts'
import { printableLine } from '../../screen/text.ts'
import { projectFields, projectFieldsOf } from './fields.ts'
import { findProject, projectArgument } from './find.ts'

const clearable = {
  profile: ['automationProfile', null],
  invariants: ['invariants', []],
  budget: ['budget', null],
  environment: ['executionEnvironment', null],
  'environment-priority': ['executionEnvPriority', null],
  metadata: ['metadata', {}],
} as const

export const updateProject = defineChange({
  name: 'update',
  summary: 'change a project',
  description: 'Change a project. Plans that there are keep the automation profile that they froze.',
  args: projectArgument,
  flags: { ...projectFields, clear: clearFlag(clearable), ifVersion: ifVersion('project') },
  examples: [
    ['a stricter profile for its plans from now on', 'projects update parser --profile manual'],
    ['no budget', 'projects update parser --clear budget'],
  ],
  run: async (call) => {
    const { flags } = call
    const patch = patchOf(await projectFieldsOf(flags), flags.clear, clearable) as ProjectPatch
    return call.withStore('existing', async (store) => {
      const before = await findProject(store, call.args.name)
      const base = { version: flags.ifVersion ?? before.version }
      const project = await call.acting(store).projects.update(before.name, patch, base)
      const fields = Object.keys(patch).join(', ')
      return {
        data: project,
        show: (screen) =>
          screen.quiet
            ? ''
            : `Updated project ${screen.paint.bold(printableLine(project.name))}, now at version ${project.version} ${screen.paint.dim(`(${fields})`)}`,
      }
    })
  },
})
