// `purser tasks …`

import type { Area } from '../../run/command.ts'
import { assignTask } from './assign.ts'
import { claimTasks } from './claim.ts'
import { createTask } from './create.ts'
import { deleteTask } from './delete.ts'
import { listTasks } from './list.ts'
import { readyTasks, waitingTask } from './ready.ts'
import { completeTask, failTask, heartbeatTask, releaseTask } from './settle.ts'
import { showTask } from './show.ts'
import { transitionTask } from './transition.ts'
import { updateTask } from './update.ts'

export const tasks: Area = {
  name: 'tasks',
  record: 'task',
  summary:
    'pieces of work: list, show, create, update, transition, assign, delete, ready, waiting, claim, heartbeat, complete, fail, release',
  commands: [
    ...[listTasks, showTask, createTask, updateTask, transitionTask, assignTask, deleteTask],
    ...[readyTasks, waitingTask, claimTasks, heartbeatTask, completeTask, failTask, releaseTask],
  ],
}
