// The allowed status transitions of tasks. A pure table: the repository consults it, and the
// statement that moves the task checks it again.

import { beginningOf } from '../model/beginning-of.ts'
import { type TaskStatus, taskStatuses } from './enums.ts'

export const taskTransitions: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  created: ['assigned', 'rejected', 'cancelled'],
  assigned: ['in_progress', 'blocked', 'cancelled', 'failed', 'interrupted', 'auth_required', 'suspended'],
  in_progress: ['in_review', 'blocked', 'cancelled', 'failed', 'interrupted', 'auth_required', 'suspended'],
  in_review: ['completed', 'in_progress', 'blocked', 'cancelled'],
  blocked: ['assigned', 'cancelled'],
  failed: ['assigned', 'cancelled'],
  interrupted: ['assigned', 'cancelled'],
  auth_required: ['assigned', 'cancelled'],
  suspended: ['assigned', 'cancelled'],
  completed: [],
  cancelled: [],
  rejected: [],
}

/** The initial status of a task: created. */
export const taskBeginning: TaskStatus = beginningOf(taskStatuses, (from, to) =>
  taskTransitions[from].includes(to),
)

/** Every status from which `to` can be reached in one step. */
export function sourcesOf(to: TaskStatus): readonly TaskStatus[] {
  return (Object.keys(taskTransitions) as TaskStatus[]).filter((from) => taskTransitions[from].includes(to))
}
