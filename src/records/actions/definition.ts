// The action: the template that a plan is made from. A plan takes from it what its caller left out.

import { defineRecord, type NewOf, type PatchOf, type RecordOf } from '../model/define-record.ts'
import { instant, integer, jsonObject, name, oneOf, qualifiedName, text } from '../model/fields.ts'
import { actors } from '../plans/actors.ts'
import { actionStates } from './enums.ts'

export * from './enums.ts'

const fields = {
  name: qualifiedName().key(),
  description: text(),
  definitionOfDone: text().nullable(),
  state: oneOf(actionStates).default('available').enforced().filterable(),
  /** The name of the automation profile of its plans, unless they name one themselves. */
  automationProfile: name().column('automation_profile_name').nullable(),
  actors: actors(),
  metadata: jsonObject(),
  createdAt: instant().managed(),
  updatedAt: instant().managed(),
  version: integer(1).default(1).managed(),
}

export type ActionFields = typeof fields
/** An action as it is read. */
export type Action = RecordOf<ActionFields>
/** What `actions.create` takes. */
export type NewAction = NewOf<ActionFields>
/** What `actions.update` may change. */
export type ActionPatch = PatchOf<ActionFields>

export const actionDefinition = defineRecord({
  name: 'action',
  table: 'actions',
  key: 'name',
  order: { fields: ['createdAt', 'name'], direction: 'asc' },
  fields,
  storage: { indexes: { created: ['createdAt', 'name'] } },
})
