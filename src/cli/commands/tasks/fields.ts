// The flags for the fields of a task, shared by `create` and `update`, and their conversion to
// fields.

import type { Task } from '../../../index.ts'
import {
  artifactTypes,
  coordinationTopologies,
  taskComplexities,
  taskPriorities,
  taskStructures,
  taskTypes,
} from '../../../records/tasks/enums.ts'
import { fieldsOf, jsonObject, pairs, text, texts, under, whole, word } from '../../flags/flags.ts'
import { textOrStdin } from '../../run/stdin.ts'

/** Required fields of a new task. */
export const neededTaskFields = {
  title: text('text', 'what is to be done, in a line', { field: 'title' }),
  description: text('text', 'what is to be done; - reads it from standard input', { field: 'description' }),
  project: text('name', 'the project it belongs to', { field: 'project' }),
  createdBy: text('agent', 'who creates it (default: --actor)', { field: 'createdBy' }),
  type: word(taskTypes, 'what kind of work it is', { field: 'type' }),
}

export const taskFields = {
  priority: word(taskPriorities, 'default medium', { field: 'priority' }),
  complexity: word(taskComplexities, 'how big it seems (default medium)', { field: 'estimatedComplexity' }),
  dependsOn: texts('id', 'a task that comes before it', { field: 'dependencies' }),
  parent: text('id', 'the task that it is a part of', { field: 'parentTaskId' }),
  plan: text('id', 'the plan that it serves', { field: 'planId' }),
  reviewer: texts('agent', 'who reviews it', { field: 'reviewers' }),
  delegatedBy: texts('agent', 'who handed it on, in order', { field: 'delegationChain' }),
  criterion: texts('text', 'what must hold for it to be accepted', { field: 'acceptanceCriteria' }),
  artifact: pairs(
    artifactTypes,
    'type:path',
    `what it is to leave behind; types: ${artifactTypes.join(', ')}`,
    { field: 'artifactsExpected' },
  ),
  budget: text('amount', 'the most it may cost', { field: 'budgetLimit' }),
  deadline: text('date', 'an ISO date or date-time, kept as given', { field: 'deadline' }),
  maxRetries: whole('n', 'how often it may be tried again (default 1)', { field: 'maxRetries' }),
  structure: word(taskStructures, 'how its parts are done', { field: 'taskStructure' }),
  topology: word(coordinationTopologies, 'how its agents work together (default auto)', {
    field: 'coordinationTopology',
  }),
  metadata: jsonObject('anything else', { field: 'metadata' }),
}

const all = under('What it is:', { ...neededTaskFields, ...taskFields })

type Values = { readonly [K in keyof typeof all]: (typeof all)[K]['initial'] }

/**
 * The given flags, as fields of a task.
 * @param criteria those that the task has: an unchanged one keeps whether it is met
 */
export async function taskFieldsOf(
  values: Values,
  criteria: Task['acceptanceCriteria'] = [],
): Promise<Record<string, unknown>> {
  const description = await textOrStdin('--description', values.description)
  return givenTaskFields({ ...values, description }, criteria)
}

/** The same without standard input: a description of `-` stays what it is. */
export function givenTaskFields(
  values: Values,
  criteria: Task['acceptanceCriteria'] = [],
): Record<string, unknown> {
  const given = fieldsOf(all, values)
  const met = new Set(criteria.filter((criterion) => criterion.met).map((criterion) => criterion.description))
  return {
    ...given,
    ...(values.criterion.length > 0
      ? { acceptanceCriteria: values.criterion.map((line) => ({ description: line, met: met.has(line) })) }
      : {}),
    ...(values.artifact.length > 0
      ? { artifactsExpected: values.artifact.map(({ type, text: path }) => ({ type, path })) }
      : {}),
  }
}
