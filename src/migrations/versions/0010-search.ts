// Full-text search with tokens that are the same on every engine. Nothing is indexed here: every
// message is marked as new, and searches index them in steps that let other work run.

import type { FullTextSpec } from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const before: FullTextSpec = { table: 'messages', column: 'content', serial: 'seq' }
const after: FullTextSpec = { ...before, tokens: true }

export const search: Migration = {
  version: 10,
  name: 'search',
  // A build that does not know the tokens would index new messages with its own tokenizer.
  breaking: true,
  up: (writer) => [...writer.dropFullText(before), ...writer.createFullText(after)],
  down: (writer) => [...writer.dropFullText(after), ...writer.createFullText(before)],
}
