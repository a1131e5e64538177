// The setting: a small JSON value that all programs of a database share, under a name in a
// namespace. Purser's own are in the namespace `purser`.

import { defineRecord, type RecordOf } from '../model/define-record.ts'
import { instant, integer, jsonValue, name, word } from '../model/fields.ts'

const fields = {
  /** `namespace/key`, for example `purser/enforce`. */
  name: word(
    /^[a-z][a-z0-9_.-]*\/[A-Za-z0-9][A-Za-z0-9_./-]*$/,
    'must be namespace/key in letters, digits, "_", "." and "-", for example local/theme',
  ).key(),
  /** What comes before the first slash of the name. */
  namespace: name().managed().filterable(),
  /** What comes after it. */
  key: name().column('setting_key').managed(),
  value: jsonValue(),
  createdAt: instant().managed(),
  updatedAt: instant().managed(),
  version: integer(1).default(1).managed(),
}

export type SettingFields = typeof fields
/** A setting as read from the store. */
export type Setting = RecordOf<SettingFields>

/**
 * A JSON value that all programs of a database share. Names are `namespace/key`; the namespace
 * `purser` is the store's own: `purser/enforce` says whether rules of plans are enforced.
 */
export const settingDefinition = defineRecord({
  name: 'setting',
  table: 'settings',
  key: 'name',
  order: { fields: ['name'], direction: 'asc' },
  fields,
})
