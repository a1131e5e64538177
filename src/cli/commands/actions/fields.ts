// The flags for the fields of an action, shared by `create` and `update`, and their conversion to
// fields.

import { either, fieldsOf, jsonObject, jsonObjects, text, texts } from '../../flags/flags.ts'
import { roles } from '../../flags/roles.ts'
import { textOrStdin } from '../../run/stdin.ts'

export const actionFields = {
  description: text('text', 'what its plans are for; - reads it from standard input', {
    field: 'description',
  }),
  definitionOfDone: text('text', 'when its plans are done', { field: 'definitionOfDone' }),
  profile: text('name', 'the automation profile of its plans', { field: 'automationProfile' }),
  role: roles(),
  longDescription: text('text', 'more about it, for those who choose one', { field: 'longDescription' }),
  argument: jsonObjects(
    'an argument of its plans: name, type (string, integer, number, boolean, list), and what there is of required, default, min, max, pattern, position',
    { field: 'arguments' },
  ),
  invariant: texts('text', 'what must hold in each of its plans', { field: 'invariants' }),
  reusable: either('more than one plan may be made from it; --no-reusable archives it with the first', {
    field: 'reusable',
  }),
  readOnly: either('its plans should change nothing', { field: 'readOnly' }),
  tag: texts('word', 'a tag to find it by', { field: 'tags' }),
  metadata: jsonObject('anything else', { field: 'metadata' }),
}

type Values = { readonly [K in keyof typeof actionFields]: (typeof actionFields)[K]['initial'] }

/** The given flags, as fields of an action. */
export async function actionFieldsOf(values: Values): Promise<Record<string, unknown>> {
  const description = await textOrStdin('--description', values.description)
  return givenActionFields({ ...values, description })
}

/** The same without standard input: a description of `-` stays what it is. */
export function givenActionFields(values: Values): Record<string, unknown> {
  return {
    ...fieldsOf(actionFields, values),
    ...(values.invariant.length > 0 ? { invariants: values.invariant.map((rule) => ({ text: rule })) } : {}),
    ...(values.role.length > 0 ? { actors: Object.fromEntries(values.role) } : {}),
  }
}
