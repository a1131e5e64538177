// `purser tasks assign`: gives a task to an agent. A task that waits for one moves to assigned; one that is under way changes
// hands and stays where it is.

import { actor, ifVersion, inNameOf } from '../acting.ts'
import { defineCommand, required } from '../command.ts'
import { noTask } from './show.ts'
import { moved } from './transition.ts'

export const assignTask = defineCommand({
  name: 'assign',
  summary: 'give a task to an agent',
  description:
    'Give a task to an agent. A task that waits for one (created, blocked, failed, interrupted, auth_required, suspended) moves to assigned; one that is assigned or under way only changes hands.',
  args: { id: required('the id of the task'), agent: required('the agent') },
  flags: { ifVersion: ifVersion('task'), actor },
  examples: [
    ['hand it to agent-7', 'tasks assign demo-task-7 agent-7'],
    ['only if nobody was faster', 'tasks assign demo-task-7 agent-7 --if-version 1'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { id, agent } = call.args
      const before = await store.tasks.get(id)
      if (before === null) throw noTask(id)
      const base = { version: call.flags.ifVersion ?? before.version }
      const patch = { assignedTo: agent }
      const { tasks } = inNameOf(store, call.flags.actor)
      const changesHands = handedOver.has(before.status)
      const task = changesHands
        ? await tasks.update(id, patch, base)
        : await tasks.transition(id, 'assigned', { ...base, patch })
      return moved(before, task)
    }),
})

/** Statuses in which a task has an assignee already and keeps its place when it gets another. */
const handedOver: ReadonlySet<string> = new Set(['assigned', 'in_progress', 'in_review'])
