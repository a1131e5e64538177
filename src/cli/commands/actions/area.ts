// `purser actions …`

import type { Area } from '../../run/command.ts'
import { archiveAction } from './archive.ts'
import { createAction } from './create.ts'
import { deleteAction } from './delete.ts'
import { listActions } from './list.ts'
import { showAction } from './show.ts'
import { updateAction } from './update.ts'

export const actions: Area = {
  name: 'actions',
  record: 'action',
  summary: 'templates that plans are made from: list, show, create, update, archive, delete',
  commands: [listActions, showAction, createAction, updateAction, archiveAction, deleteAction],
}
