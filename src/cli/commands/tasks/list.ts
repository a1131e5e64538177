// `purser tasks list`: one page of tasks, newest first. Unless statuses are requested, ended tasks
// are omitted.

import type { MetadataValue, TaskFilter } from '../../../index.ts'
import {
  endedStatuses,
  taskComplexities,
  taskPriorities,
  taskStatuses,
  taskTypes,
} from '../../../records/tasks/enums.ts'
import { assignments, fieldsOf, text, under, words } from '../../flags/flags.ts'
import {
  addAbsent,
  anyOf,
  changeFilters,
  listOutcome,
  orderedPaging,
  readPage,
  withoutFlag,
} from '../../flags/listing.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase, withSwitch } from '../../screen/command-line.ts'
import { counted } from '../../screen/text.ts'
import { taskTable } from './view.ts'

const absent = { assignee: 'assignedTo', parent: 'parentTaskId', plan: 'planId' } as const

const openStatuses = taskStatuses.filter((status) => !endedStatuses.some((ended) => ended === status))

const filters = under('Filters:', {
  status: words(
    [...taskStatuses, 'open'],
    'only tasks in one of these; open stands for all that have not ended',
    {
      field: 'status',
    },
  ),
  project: anyOf('name', 'only tasks of this project', 'project'),
  assignedTo: anyOf('agent', 'only tasks of this agent', 'assignedTo'),
  createdBy: anyOf('agent', 'only tasks that this agent created', 'createdBy'),
  type: words(taskTypes, 'only tasks of these types', { field: 'type' }),
  priority: words(taskPriorities, 'only tasks of these priorities', { field: 'priority' }),
  complexity: words(taskComplexities, 'only tasks estimated so', { field: 'estimatedComplexity' }),
  parent: anyOf('id', 'only parts of this task', 'parentTaskId'),
  plan: anyOf('id', 'only tasks of this plan', 'planId'),
  search: text('words', 'only tasks with every one of these words in title or description', {
    field: 'search',
  }),
  title: text('pattern', 'only tasks with such a title; * stands for any characters, ? for one', {
    field: 'title',
  }),
  metadata: assignments('key=value', 'only tasks whose metadata has this value', readMetadata),
  ...changeFilters('tasks'),
  without: withoutFlag(absent, 'tasks'),
})

type Values = Parameters<typeof fieldsOf<typeof filters>>[1]

export const listTasks = defineCommand({
  name: 'list',
  summary: 'list the tasks that are open, newest first',
  description:
    'List the tasks that are open, newest first. With --all, or with statuses, ended ones are listed too. Several filters together mean all of them.',
  flags: { ...filters, ...orderedPaging('newest') },
  examples: [
    ['what an agent has to do', 'tasks list --assigned-to agent-7 --status assigned,in_progress'],
    ['what nobody has taken', 'tasks list --without assignee --status created'],
    [
      'what has not been touched for two weeks, the oldest first',
      'tasks list --updated-before 2w --order asc',
    ],
    ['by their words', 'tasks list --search "harbour page" --all'],
    ['by what stands in their metadata', 'tasks list --metadata team=web'],
    ['for a script', 'tasks list --project tide-api --all --json'],
  ],
  run: async (call) => {
    const { filter: given, openAlone } = filterOf(call.flags)
    // A limit can be combined with --all here: ended tasks are listed too, and as many as
    // requested.
    const all = call.flags.all && call.flags.limit === undefined
    return call.withStore('existing', async (store) => {
      const filter = await withWholeIds(store, given)
      const page = await readPage({ ...call.flags, all }, (part) =>
        store.tasks.list(filter, { order: 'desc', ...part }),
      )
      const total = await store.tasks.count(filter)
      const { status: _, ...others } = filter
      const ended = openAlone ? await store.tasks.count({ ...others, status: endedStatuses }) : 0
      const every = commandLine(call.screen, withSwitch(call.argv, '--all'))
      const hints =
        ended === 0
          ? []
          : [`${counted(ended, 'more task')} ended; with ${ended === 1 ? 'it' : 'them'}:`, `  ${every}`]
      const create = commandLine(call.screen, ['tasks', 'create', '--help', ...sameDatabase(call.global)])
      const isFiltered = Object.keys(others).length > 0 || (!openAlone && filter.status !== undefined)
      return listOutcome(call, {
        page,
        total,
        noun: openAlone ? 'open task' : 'task',
        empty: emptyText({ isFiltered, hints, create }),
        toJson: (task) => task,
        show: (tasks, screen) => taskTable(screen, tasks),
        hints,
      })
    })
  },
})

function emptyText(known: {
  readonly isFiltered: boolean
  readonly hints: readonly string[]
  readonly create: string
}): string {
  if (known.hints.length > 0) return ['No open task matches.', ...known.hints].join('\n')
  if (known.isFiltered) return 'No task matches; leave out a filter to see more.'
  return `There are no tasks yet. To make one: ${known.create}`
}

/** The filter, and whether it omits ended tasks by default. */
function filterOf(values: Values & { readonly all: boolean }): {
  readonly filter: TaskFilter
  readonly openAlone: boolean
} {
  const { status, metadata } = values
  const openAlone = status.length === 0 && !values.all
  const statuses = openAlone ? openStatuses : status.flatMap((one) => (one === 'open' ? openStatuses : one))
  const fields = {
    ...fieldsOf(filters, values),
    ...(statuses.length === 0 ? {} : { status: [...new Set(statuses)] }),
    ...(metadata.length === 0 ? {} : { metadata: valuesByKey(metadata) }),
  }
  return { filter: addAbsent(fields, values.without, absent) as TaskFilter, openAlone }
}

/** Several values of one key mean any of them. */
function valuesByKey(pairs: Values['metadata']): NonNullable<TaskFilter['metadata']> {
  const keys = new Map<string, MetadataValue[]>()
  for (const [key, value] of pairs) keys.set(key, [...(keys.get(key) ?? []), value])
  return Object.fromEntries(keys)
}

/**
 * A value that is JSON has its JSON type: `size=3` is a number, `size="3"` a text; everything else
 * is text.
 */
function readMetadata(key: string, value: string): readonly [string, MetadataValue] {
  try {
    const parsed: unknown = JSON.parse(value)
    if (parsed === null || typeof parsed !== 'object') return [key, parsed as MetadataValue]
  } catch {
    // Text, as most values are.
  }
  return [key, value]
}
