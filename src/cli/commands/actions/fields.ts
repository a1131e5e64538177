// The flags for the fields of an action, shared by `create` and `update`, and their conversion to
// fields.

import { fieldsOf, jsonObject, text } from '../../flags/flags.ts'
import { roles } from '../../flags/roles.ts'
import { textOrStdin } from '../../run/stdin.ts'

export const actionFields = {
  description: text('text', 'what its plans are for; - reads it from standard input', {
    field: 'description',
  }),
  definitionOfDone: text('text', 'when its plans are done', { field: 'definitionOfDone' }),
  profile: text('name', 'the automation profile of its plans', { field: 'automationProfile' }),
  role: roles(),
  metadata: jsonObject('anything else', { field: 'metadata' }),
}

type Values = { readonly [K in keyof typeof actionFields]: (typeof actionFields)[K]['initial'] }

/** The given flags, as fields of an action. */
export async function actionFieldsOf(values: Values): Promise<Record<string, unknown>> {
  const description = await textOrStdin('--description', values.description)
  return {
    ...fieldsOf(actionFields, { ...values, description }),
    ...(values.role.length > 0 ? { actors: Object.fromEntries(values.role) } : {}),
  }
}
