// The action: a template for plans. A plan takes from it whatever its caller left out.

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
  /** The automation profile of plans made from the action, unless a plan names one itself. */
  automationProfile: name().column('automation_profile_name').nullable(),
  actors: actors(),
  metadata: jsonObject(),
  createdAt: instant().managed(),
  updatedAt: instant().managed(),
  version: integer(1).default(1).managed(),
}

export type ActionFields = typeof fields
/** An action as read from the store. */
export type Action = RecordOf<ActionFields>
/** The input of `actions.create`. */
export type NewAction = NewOf<ActionFields>
/** The fields that `actions.update` may change. */
export type ActionPatch = PatchOf<ActionFields>

/** The template that plans are made from. */
export const actionDefinition = defineRecord({
  name: 'action',
  table: 'actions',
  key: 'name',
  order: { fields: ['createdAt', 'name'], direction: 'asc' },
  fields,
  storage: { indexes: { created: ['createdAt', 'name'] } },
})
