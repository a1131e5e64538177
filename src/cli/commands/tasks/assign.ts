// `purser tasks assign`: gives a task to an agent. A task without one moves to assigned; one in
// progress gets another assignee and keeps its status.

import { defineChange, ifVersion } from '../../flags/actor-flag.ts'
import { required } from '../../run/command.ts'
import { findTask, taskArgument } from './find.ts'
import { moved } from './transition.ts'

export const assignTask = defineChange({
  name: 'assign',
  summary: 'give a task to an agent',
  description:
    'Give a task to an agent. A task that waits for one (created, blocked, failed, interrupted, auth_required, suspended) moves to assigned; one that is assigned or under way only changes hands.',
  args: { ...taskArgument, agent: required('the agent') },
  flags: { ifVersion: ifVersion('task') },
  examples: [
    ['hand it to agent-7', 'tasks assign demo-task-7 agent-7'],
    ['only if nobody was faster', 'tasks assign demo-task-7 agent-7 --if-version 1'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const before = await findTask(store, call.args.task)
      const { id } = before
      const base = { version: call.flags.ifVersion ?? before.version }
      const patch = { assignedTo: call.args.agent }
      const { tasks } = call.acting(store)
      const changesHands = handedOver.has(before.status)
      const task = changesHands
        ? await tasks.update(id, patch, base)
        : await tasks.transition(id, 'assigned', { ...base, patch })
      return moved(before, task)
    }),
})

/** Statuses in which a task already has an assignee and keeps its status when it gets another. */
const handedOver: ReadonlySet<string> = new Set(['assigned', 'in_progress', 'in_review'])
