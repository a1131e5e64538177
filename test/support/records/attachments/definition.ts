// A record that Purser does not have, to show what a column of bytes keeps.

import { defineRecord } from '../../../../src/records/model/define-record.ts'
import { bytes, id, integer, name } from '../../../../src/records/model/fields.ts'
import { MAX_BYTES } from '../../../../src/records/model/rules.ts'

/** A file that belongs to something. */
export const attachmentDefinition = defineRecord({
  name: 'attachment',
  table: 'attachments',
  key: 'id',
  order: { fields: ['id'], direction: 'asc' },
  fields: {
    id: id().generated(),
    title: name(),
    content: bytes(MAX_BYTES),
    preview: bytes(1000).nullable(),
    version: integer(1).default(1).managed(),
  },
})
