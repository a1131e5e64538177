// `purser tasks update`: changes a task's fields; only `transition` changes its status.

import type { TaskPatch } from '../../../index.ts'
import { defineChange, ifVersion } from '../../flags/actor-flag.ts'
import { checkPatch } from '../../flags/check-fields.ts'
import { clearFlag, patchOf } from '../../flags/clear-flag.ts'
import { fieldsOf, text, under } from '../../flags/flags.ts'
import { withWholeIds } from '../../flags/whole-ids.ts'
import { printableLine } from '../../screen/text.ts'
import { givenTaskFields, neededTaskFields, taskFields, taskFieldsOf } from './fields.ts'
import { findTask, taskArgument } from './find.ts'
import { noteUnknownTasks } from './unknown-tasks.ts'

const clearable = {
  assignee: ['assignedTo', null],
  parent: ['parentTaskId', null],
  plan: ['planId', null],
  deadline: ['deadline', null],
  structure: ['taskStructure', null],
  budget: ['budgetLimit', '0'],
  dependencies: ['dependencies', []],
  reviewers: ['reviewers', []],
  delegation: ['delegationChain', []],
  criteria: ['acceptanceCriteria', []],
  artifacts: ['artifactsExpected', []],
  metadata: ['metadata', {}],
} as const

const { createdBy, ...needed } = neededTaskFields
const fields = under('What it is:', {
  ...needed,
  createdBy: { ...createdBy, description: 'who created it' },
  ...taskFields,
})

const own = under('What it is:', {
  assignedTo: text('agent', 'who has it, without a move to another status', { field: 'assignedTo' }),
  clear: clearFlag(clearable),
})

export const updateTask = defineChange({
  name: 'update',
  summary: 'change what a task is: title, priority, budget, reviewers and more',
  description:
    'Change what a task is. Lists (reviewers, criteria and so on) are replaced as a whole; a criterion that stays keeps whether it is met. The status is changed by purser tasks transition and purser tasks assign.',
  args: taskArgument,
  flags: { ...fields, ...own, ifVersion: ifVersion('task') },
  examples: [
    ['more urgent, with a deadline', 'tasks update demo-task-5 --priority critical --deadline 2026-12-01'],
    ['another budget', 'tasks update demo-task-5 --budget 12.50 --if-version 2'],
    ['of no plan any more', 'tasks update demo-task-5 --clear plan'],
  ],
  validate: ({ flags }) =>
    checkPatch(({ taskDefinition }) => taskDefinition, {
      ...givenTaskFields(flags),
      ...fieldsOf(own, flags),
    }),
  run: async (call) => {
    const { flags } = call
    return call.withStore('existing', async (store) => {
      const before = await findTask(store, call.args.task)
      const given = {
        ...(await taskFieldsOf(flags, before.acceptanceCriteria)),
        ...fieldsOf(own, flags),
      }
      const patch = patchOf(given, flags.clear, clearable) as TaskPatch
      const base = { version: flags.ifVersion ?? before.version }
      const task = await call.acting(store).tasks.update(before.id, await withWholeIds(store, patch), base)
      if ('dependencies' in patch || 'parentTaskId' in patch) await noteUnknownTasks(call, store, task)
      const names = Object.keys(patch).join(', ')
      return {
        data: task,
        show: (screen) =>
          screen.quiet
            ? ''
            : `Updated task ${screen.paint.bold(printableLine(task.id))}, now at version ${task.version} ${screen.paint.dim(`(${names})`)}`,
      }
    })
  },
})
