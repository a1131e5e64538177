// The action: a template for plans. A plan takes from it whatever its caller left out.

import { z } from 'zod'
import { defineRecord, type NewOf, type PatchOf, type RecordOf } from '../model/define-record.ts'
import {
  instant,
  integer,
  json,
  jsonObject,
  list,
  name,
  oneOf,
  qualifiedName,
  text,
} from '../model/fields.ts'
import { nameRule } from '../model/rules.ts'
import { actors } from '../plans/actors.ts'
import { argumentRule } from './argument.ts'
import { actionStates } from './enums.ts'
import { invariantRule } from './invariant.ts'

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
  /** For people who choose an action; plans do not take it over. */
  longDescription: text().nullable(),
  /** The arguments of plans made from it; without any, a plan may have arguments of any name. */
  arguments: list(argumentRule, { unique: ['name', 'position'] }),
  /** Conditions for the plans made from it. Recorded only: no plan is checked by them. */
  invariants: list(invariantRule, { unique: ['name'] }),
  /** False archives the action with the first plan that is made from it. */
  reusable: json<boolean>(z.boolean(), { placeholder: true }).default(true),
  /** Plans made from it should change nothing. Recorded only: it keeps none from applying. */
  readOnly: json<boolean>(z.boolean(), { placeholder: true }).default(false),
  tags: list(nameRule, { unique: true }),
  /** By default, the actor of the store. */
  createdBy: name().nullable().immutable().filterable(),
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
