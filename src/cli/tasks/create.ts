// `purser tasks create`: one new task. With --assigned-to it is assigned from the start.

import type { NewTask } from '../../index.ts'
import {
  artifactTypes,
  coordinationTopologies,
  taskComplexities,
  taskPriorities,
  taskStatuses,
  taskStructures,
  taskTypes,
} from '../../records/tasks/words.ts'
import { defineCommand } from '../command.ts'
import { fieldsOf, jsonObject, pairs, text, texts, under, whole, word } from '../flags.ts'
import { commandLine, sameDatabase } from '../screen/command-line.ts'
import { printableLine } from '../screen/text.ts'
import { textOrStdin } from '../stdin.ts'
import { statusText } from './view.ts'

const needed = under('Needed:', {
  title: text('text', 'what is to be done, in a line', { field: 'title' }),
  description: text('text', 'what is to be done; - reads it from standard input', { field: 'description' }),
  project: text('name', 'the project it belongs to', { field: 'project' }),
  createdBy: text('agent', 'who creates it', { field: 'createdBy' }),
  type: word(taskTypes, 'what kind of work it is', { field: 'type' }),
})

const optional = under('Optional:', {
  id: text('id', 'its id (default: a new ULID)', { field: 'id' }),
  assignedTo: text('agent', 'assign it right away', { field: 'assignedTo' }),
  status: word(taskStatuses, 'the status it starts in (default: created, or assigned)', { field: 'status' }),
  priority: word(taskPriorities, 'default medium', { field: 'priority' }),
  complexity: word(taskComplexities, 'how big it seems (default medium)', { field: 'estimatedComplexity' }),
  dependsOn: texts('id', 'a task that comes before it', { field: 'dependencies' }),
  parent: text('id', 'the task that it is a part of', { field: 'parentTaskId' }),
  plan: text('id', 'the plan that it serves', { field: 'planId' }),
  reviewer: texts('agent', 'who reviews it', { field: 'reviewers' }),
  delegatedBy: texts('agent', 'who handed it on, in order', { field: 'delegationChain' }),
  criterion: texts('text', 'what must hold for it to be accepted'),
  artifact: pairs(
    artifactTypes,
    'type:path',
    `what it is to leave behind; types: ${artifactTypes.join(', ')}`,
  ),
  budget: text('amount', 'the most it may cost', { field: 'budgetLimit' }),
  deadline: text('date', 'an ISO date or date-time, kept as given', { field: 'deadline' }),
  maxRetries: whole('n', 'how often it may be tried again (default 1)', { field: 'maxRetries' }),
  structure: word(taskStructures, 'how its parts are done', { field: 'taskStructure' }),
  topology: word(coordinationTopologies, 'how its agents work together (default auto)', {
    field: 'coordinationTopology',
  }),
  metadata: jsonObject('anything else', { field: 'metadata' }),
})

const flags = { ...needed, ...optional }

export const createTask = defineCommand({
  name: 'create',
  summary: 'create a task',
  flags,
  examples: [
    [
      'a task that nobody has yet',
      'tasks create --title "Cache predictions" --description "Keep a day of them" --project tide-api --created-by mira --type development',
    ],
    [
      'assigned at once, with a description from a file',
      'tasks create --title "Read the licence" --description - --project tide-api --created-by mira --type research --assigned-to pax < licence.md',
    ],
  ],
  run: async (call) => {
    const values = call.flags
    const description = await textOrStdin('--description', values.description)
    const input = {
      ...fieldsOf(flags, { ...values, description }),
      ...(values.assignedTo !== undefined && values.status === undefined ? { status: 'assigned' } : {}),
      ...(values.criterion.length > 0
        ? {
            acceptanceCriteria: values.criterion.map((criterion) => ({ description: criterion, met: false })),
          }
        : {}),
      ...(values.artifact.length > 0
        ? { artifactsExpected: values.artifact.map(({ type, text: path }) => ({ type, path })) }
        : {}),
    }
    return call.withStore('create', async (store) => {
      const task = await store.tasks.create(input as unknown as NewTask)
      const id = printableLine(task.id)
      const show = commandLine(call.screen, ['tasks', 'show', task.id, ...sameDatabase(call.global)])
      return {
        data: task,
        show: (screen) =>
          screen.quiet
            ? id
            : `Created task ${screen.paint.bold(id)}, ${statusText(task.status)}\n  ${screen.paint.dim(show)}`,
      }
    })
  },
})
