// The flags for the fields of a project, shared by `create` and `update`, and their conversion to
// fields.

import { executionEnvironments, executionPriorities } from '../../../records/plans/enums.ts'
import { either, fieldsOf, jsonObject, text, texts, word } from '../../flags/flags.ts'
import { textOrStdin } from '../../run/stdin.ts'

export const projectFields = {
  description: text('text', 'what it is; - reads it from standard input', { field: 'description' }),
  profile: text('name', 'the automation profile of plans that name it', { field: 'automationProfile' }),
  invariant: texts('text', 'what must hold in every plan that names it', { field: 'invariants' }),
  budget: text('name', 'the budget that counts it', { field: 'budget' }),
  environment: word(executionEnvironments, 'where its plans are executed', { field: 'executionEnvironment' }),
  environmentPriority: word(executionPriorities, 'whether that environment is a wish or an order', {
    field: 'executionEnvPriority',
  }),
  readOnly: either('plans only read it', { field: 'readOnly' }),
  metadata: jsonObject('anything else', { field: 'metadata' }),
}

type Values = { readonly [K in keyof typeof projectFields]: (typeof projectFields)[K]['initial'] }

/** The given flags, as fields of a project. */
export async function projectFieldsOf(values: Values): Promise<Record<string, unknown>> {
  const description = await textOrStdin('--description', values.description)
  const { invariant } = values
  return {
    ...fieldsOf(projectFields, { ...values, description }),
    ...(invariant.length > 0 ? { invariants: invariant.map((rule) => ({ text: rule })) } : {}),
  }
}
