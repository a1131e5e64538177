// The statements that create declared tables, with everything that belongs to them, in an empty database or beside others.

import type { MigrationStatement, SchemaWriter, TableLayout } from '../contract/schema.ts'

/** All tables come first, in the order given: triggers and totals may name several of them. */
export function layoutStatements(
  declared: readonly TableLayout[],
  writer: SchemaWriter,
): readonly MigrationStatement[] {
  return [
    ...declared.flatMap(({ table }) => writer.createTable(table)),
    ...declared.flatMap(({ indexes, guards, totals, fullText }) => [
      ...indexes.flatMap((index) => writer.createIndex(index)),
      ...guards.flatMap((guard) => writer.createGuard(guard)),
      ...(totals ? writer.createTotals(totals) : []),
      ...(fullText ? writer.createFullText(fullText) : []),
    ]),
  ]
}
