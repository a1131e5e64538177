// `purser projects …`

import type { Area } from '../../run/command.ts'
import { createProject } from './create.ts'
import { deleteProject } from './delete.ts'
import { listProjects } from './list.ts'
import { showProject } from './show.ts'
import { updateProject } from './update.ts'

export const projects: Area = {
  name: 'projects',
  record: 'project',
  summary: 'what plans work on, and the rules for it: list, show, create, update, delete',
  commands: [listProjects, showProject, createProject, updateProject, deleteProject],
}
