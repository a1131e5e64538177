// `purser tasks list`: one page of tasks in the order of their creation.

import type { TaskFilter } from '../../index.ts'
import { taskComplexities, taskPriorities, taskStatuses, taskTypes } from '../../records/tasks/words.ts'
import { defineCommand } from '../command.ts'
import { fieldsOf, under, words } from '../flags.ts'
import { addAbsent, anyOf, listOutcome, pageOf, pagingFlags, withoutFlag } from '../listing.ts'
import { commandLine, sameDatabase } from '../screen/command-line.ts'
import { withWholeIds } from '../whole-ids.ts'
import { taskTable } from './view.ts'

const absent = { assignee: 'assignedTo', parent: 'parentTaskId', plan: 'planId' } as const

const filters = under('Filters:', {
  status: words(taskStatuses, 'only tasks in one of these', { field: 'status' }),
  project: anyOf('name', 'only tasks of this project', 'project'),
  assignedTo: anyOf('agent', 'only tasks of this agent', 'assignedTo'),
  createdBy: anyOf('agent', 'only tasks that this agent created', 'createdBy'),
  type: words(taskTypes, 'only tasks of these types', { field: 'type' }),
  priority: words(taskPriorities, 'only tasks of these priorities', { field: 'priority' }),
  complexity: words(taskComplexities, 'only tasks estimated so', { field: 'estimatedComplexity' }),
  parent: anyOf('id', 'only parts of this task', 'parentTaskId'),
  plan: anyOf('id', 'only tasks of this plan', 'planId'),
  without: withoutFlag(absent, 'tasks'),
})

export const listTasks = defineCommand({
  name: 'list',
  summary: 'list tasks, in the order of their creation',
  description: 'List tasks, in the order of their creation. Several filters together mean all of them.',
  flags: { ...filters, ...pagingFlags },
  examples: [
    ['what an agent has to do', 'tasks list --assigned-to agent-7 --status assigned,in_progress'],
    ['what nobody has taken', 'tasks list --without assignee --status created'],
    ['for a script', 'tasks list --project tide-api --limit 1000 --json'],
  ],
  run: async (call) => {
    const given = addAbsent(fieldsOf(filters, call.flags), call.flags.without, absent) as TaskFilter
    return call.withStore('existing', async (store) => {
      const filter = await withWholeIds(store, given)
      const page = await store.tasks.list(filter, pageOf(call.flags))
      const total = await store.tasks.count(filter)
      const create = commandLine(call.screen, ['tasks', 'create', '--help', ...sameDatabase(call.global)])
      return listOutcome(call, {
        page,
        total,
        noun: 'task',
        empty:
          Object.keys(filter).length > 0
            ? 'No task matches; leave out a filter to see more.'
            : `There are no tasks yet. To make one: ${create}`,
        toJson: (task) => task,
        show: (tasks, screen) => taskTable(screen, tasks),
      })
    })
  },
})
