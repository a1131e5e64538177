// `purser tasks transition`: moves a task to another status, if that is allowed from its current
// one.

import type { Task } from '../../../index.ts'
import { taskStatuses } from '../../../records/tasks/enums.ts'
import { defineChange, ifVersion } from '../../flags/actor-flag.ts'
import { text } from '../../flags/flags.ts'
import { type Outcome, oneWord } from '../../run/command.ts'
import { printableLine, words } from '../../screen/text.ts'
import { findTask, taskArgument } from './find.ts'
import { paintStatus, statusText } from './view.ts'

export const transitionTask = defineChange({
  name: 'transition',
  summary: 'move a task to another status',
  description:
    'Move a task to another status. Which moves are allowed depends on where it is; purser tasks show lists them.',
  args: { ...taskArgument, status: oneWord(taskStatuses, 'the status to go to') },
  flags: {
    assignedTo: text('agent', 'also assign it to this agent', { field: 'assignedTo' }),
    ifVersion: ifVersion('task'),
  },
  examples: [
    ['begin', 'tasks transition demo-task-5 in_progress'],
    ['try again after a failure', 'tasks transition demo-task-3 assigned --assigned-to otto'],
    ['only if nobody was faster', 'tasks transition demo-task-5 in_progress --if-version 2'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { status } = call.args
      const before = await findTask(store, call.args.task)
      const { id } = before
      const { assignedTo, ifVersion: version = before.version } = call.flags
      const acting = call.acting(store)
      const patch = assignedTo === undefined ? {} : { assignedTo }
      const task = await acting.tasks.transition(id, status, { version, patch })
      return moved(before, task)
    }),
})

/** The output for a task that has moved, or has got another assignee. */
export function moved(before: Task, task: Task): Outcome {
  return {
    data: task,
    show: (screen) => {
      if (screen.quiet) return ''
      const status = paintStatus(screen.paint, task.status, statusText(task.status))
      const agent = task.assignedTo === null ? '' : ` (${printableLine(task.assignedTo)})`
      const was = [
        ...(before.status === task.status ? [] : [words(before.status)]),
        ...(before.assignedTo === null || before.assignedTo === task.assignedTo
          ? []
          : [`with ${printableLine(before.assignedTo)}`]),
      ].join(' ')
      return `${printableLine(task.id)} is now ${status}${agent}${was === '' ? '' : screen.paint.dim(`  it was ${was}`)}`
    },
  }
}
