// `purser tasks ready` and `waiting`: what can be claimed, and what a task waits for.

import { taskTypes } from '../../../records/tasks/enums.ts'
import { type FlagValues, fieldsOf, text, toggle, under, word } from '../../flags/flags.ts'
import { listOutcome, pagingFlags, readPage } from '../../flags/listing.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { defineCommand, endingWith } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { table } from '../../screen/table.ts'
import { counted, printableLine } from '../../screen/text.ts'
import { findTask, taskArgument } from './find.ts'
import { paintStatus, statusText, taskTable } from './view.ts'

/** Which tasks, of `ready` and `claim`. */
export const workFilters = under('Filters:', {
  project: text('name', 'only tasks of this project', { field: 'project' }),
  type: word(taskTypes, 'only tasks of this type', { field: 'type' }),
  plan: text('id', 'only tasks of this plan', { field: 'planId' }),
  tree: toggle('with --plan: also those of the plans below it'),
})

type WorkFlags = FlagValues<typeof workFilters>

/** What is wrong with --tree, if anything is. */
export function treeFault({ plan, tree }: WorkFlags): readonly [string] | undefined {
  return tree && plan === undefined ? ['--tree needs --plan'] : undefined
}

/** @throws UsageError for --tree without --plan */
export function workFilterOf(flags: WorkFlags): Record<string, unknown> {
  const [fault] = treeFault(flags) ?? []
  if (fault !== undefined) throw new UsageError(fault)
  return { ...fieldsOf(workFilters, flags), ...(flags.tree ? { tree: true } : {}) }
}

export const readyTasks = defineCommand({
  name: 'ready',
  summary: 'list the tasks that can be claimed now, the most urgent first',
  description:
    'List the tasks that can be claimed now: those that are created or interrupted, whose dependencies are all completed, and which are not delayed; critical ones first, then the oldest. With --agent also those that are assigned to the agent.',
  flags: {
    ...workFilters,
    ...under('Filters:', {
      agent: text('agent', 'also the tasks that are assigned to this agent', { field: 'agent' }),
    }),
    ...pagingFlags,
  },
  examples: [
    ['what anyone may take', 'tasks ready'],
    ['what agent-7 would get', 'tasks ready --agent agent-7 --project tide-api'],
  ],
  validate: async ({ flags }) => void workFilterOf(flags),
  run: async (call) => {
    const given = workFilterOf(call.flags)
    const { agent } = call.flags
    return call.withStore('existing', async (store) => {
      const filter = await withWholeIds(store, { ...given, ...(agent === undefined ? {} : { agent }) })
      const page = await readPage(call.flags, ({ limit, cursor }) =>
        store.tasks.ready(filter, { limit, cursor }),
      )
      return listOutcome(call, {
        page,
        total: null,
        noun: 'ready task',
        empty: 'No task is ready.',
        toJson: (task) => task,
        show: (tasks, screen) => taskTable(screen, tasks),
      })
    })
  },
})

export const waitingTask = defineCommand({
  name: 'waiting',
  summary: 'show which dependencies a task waits for',
  description:
    'Show which dependencies of a task are not completed, with their status. The exit code is 0 when there is none, 3 when it waits for some.',
  args: taskArgument,
  examples: [['what it waits for', 'tasks waiting demo-task-5']],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { id } = await findTask(store, call.args.task)
      const unmet = await store.tasks.waiting(id)
      return {
        data: { id, waiting: unmet },
        show: (screen) => {
          if (screen.quiet) return unmet.map((one) => printableLine(one.id)).join('\n')
          if (unmet.length === 0) return `${printableLine(id)} waits for no task.`
          return table(
            screen,
            [
              { title: 'ID', value: (one) => printableLine(one.id) },
              {
                title: 'STATUS',
                value: ({ status }) => (status === null ? 'no such task' : statusText(status)),
                paint: (shown, { status }) =>
                  status === null ? screen.paint.red(shown) : paintStatus(screen.paint, status, shown),
              },
            ],
            unmet,
          ).join('\n')
        },
        ...endingWith(
          unmet.length > 0 && {
            code: 'WAITS',
            text: `The task waits for ${counted(unmet.length, 'dependency', 'dependencies')} that are not completed.`,
          },
        ),
      }
    }),
})
