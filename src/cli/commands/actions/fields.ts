// The flags of what an action is, which `create` and `update` share, and how their values become fields of an action.

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

/** What was given, as fields of an action. */
export async function actionFieldsOf(values: Values): Promise<Record<string, unknown>> {
  const description = await textOrStdin('--description', values.description)
  return {
    ...fieldsOf(actionFields, { ...values, description }),
    ...(values.role.length > 0 ? { actors: Object.fromEntries(values.role) } : {}),
  }
}
