// How a custom profile is stored: its name, and everything else as one JSON text. The nine built-in
// profiles are not rows.

import { defineRecord, type RecordOf } from '../model/define-record.ts'
import { id, instant, integer, json } from '../model/fields.ts'
import { type AutomationProfile, automationProfileRule } from './profile.ts'

const fields = {
  name: id(),
  definition: json<AutomationProfile>(automationProfileRule as never, {
    placeholder: null as never,
  }).asText(),
  createdAt: instant().managed(),
  updatedAt: instant().managed(),
  version: integer(1).default(1).managed(),
}

export type StoredProfileFields = typeof fields
export type StoredProfile = RecordOf<StoredProfileFields>

/** A custom automation profile; the built-in ones are no rows. */
export const automationProfileDefinition = defineRecord({
  name: 'automation profile',
  table: 'automation_profiles',
  key: 'name',
  order: { fields: ['createdAt', 'name'], direction: 'asc' },
  fields,
  audit: { area: 'profile', subjectType: 'profile', riskLevel: 'medium' },
  storage: { indexes: { created: ['createdAt', 'name'] } },
})
