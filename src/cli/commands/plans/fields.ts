// The flags for the fields of a plan, shared by `create` and `update`, and their conversion to
// fields.

import { executionEnvironments, executionPriorities } from '../../../records/plans/enums.ts'
import {
  assignments,
  fieldsOf,
  jsonObject,
  parseJson,
  text,
  texts,
  under,
  whole,
  word,
} from '../../flags/flags.ts'
import { roles } from '../../flags/roles.ts'
import { UsageError } from '../../run/failure.ts'
import { textOrStdin } from '../../run/stdin.ts'

export const planFields = {
  ...under('What it is:', {
    description: text('text', 'what it is for; - reads it from standard input', { field: 'description' }),
    definitionOfDone: text('text', 'when it is done', { field: 'definitionOfDone' }),
    project: texts('name[:alias]', 'a project that it works on', { field: 'projects' }),
    readOnlyProject: texts('name[:alias]', 'a project that it only reads', { field: 'projects' }),
    argument: assignments(
      'name=json',
      "an argument of its action; a text needs JSON's quotes",
      readArgument,
      {
        field: 'arguments',
      },
    ),
    invariant: texts('text', 'what must hold all the time', { field: 'invariants' }),
    role: roles(),
    metadata: jsonObject('anything else', { field: 'metadata' }),
  }),
  ...under('How it runs:', {
    environment: word(executionEnvironments, 'where it is executed', { field: 'executionEnvironment' }),
    environmentPriority: word(executionPriorities, 'whether that environment is a wish or an order', {
      field: 'executionEnvPriority',
    }),
    changeset: text('id', 'the set of changes that it makes', { field: 'changesetId' }),
    decisionRoot: text('id', 'the decision that it began with', { field: 'decisionRootId' }),
    checkpoint: text('id', 'the last checkpoint', { field: 'lastCheckpointId' }),
    sandbox: texts('ref', 'a sandbox that it works in', { field: 'sandboxRefs' }),
    validation: jsonObject('what its validation came to', { field: 'validationSummary' }),
    lastStep: whole('n', 'the last step of its work that is done', { field: 'lastCompletedStep' }),
  }),
}

type Values = { readonly [K in keyof typeof planFields]: (typeof planFields)[K]['initial'] }

/** The given flags, as fields of a plan. */
export async function planFieldsOf(values: Values): Promise<Record<string, unknown>> {
  const description = await textOrStdin('--description', values.description)
  return givenPlanFields({ ...values, description })
}

/** The same without standard input: a description of `-` stays what it is. */
export function givenPlanFields(values: Values): Record<string, unknown> {
  const { project, readOnlyProject, invariant, role } = values
  const projects = [
    ...project.map((given) => readProject(given, false)),
    ...readOnlyProject.map((given) => readProject(given, true)),
  ]
  return {
    ...fieldsOf(planFields, values),
    ...(projects.length > 0 ? { projects } : {}),
    ...(invariant.length > 0 ? { invariants: invariant.map((rule) => ({ text: rule })) } : {}),
    ...(role.length > 0 ? { actors: Object.fromEntries(role) } : {}),
  }
}

function readProject(given: string, readOnly: boolean) {
  const colon = given.lastIndexOf(':')
  if (colon < 0) return { name: given, readOnly }
  return { name: given.slice(0, colon), alias: given.slice(colon + 1), readOnly }
}

function readArgument(name: string, value: string) {
  try {
    return { name, value: parseJson(value) }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`${JSON.stringify(name)} ${error.message}; a text is written '${name}="text"'`)
  }
}
