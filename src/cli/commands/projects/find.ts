// Finds the project that a command is about.

import type { Project, Store } from '../../../index.ts'
import { required } from '../../run/command.ts'
import { CommandError } from '../../run/failure.ts'
import { printableLine } from '../../screen/text.ts'

/** The argument of commands about one project. */
export const projectArgument = { name: required('the name of the project') }

/** @throws CommandError if there is none */
export async function findProject(store: Pick<Store, 'projects'>, name: string): Promise<Project> {
  const project = await store.projects.get(name)
  if (project !== null) return project
  throw new CommandError(
    'RECORD_NOT_FOUND',
    `there is no record of a project with the name ${JSON.stringify(printableLine(name))}; purser projects list shows those there are`,
  )
}
