// The statements that create declared tables, with everything that belongs to them. Other tables
// may already exist.

import type { MigrationStatement, SchemaWriter, TableLayout } from '../contract/schema.ts'

/**
 * Creates all tables first, in the order given, because triggers and totals may refer to several of
 * them.
 */
export function layoutStatements(
  declared: readonly TableLayout[],
  writer: SchemaWriter,
): readonly MigrationStatement[] {
  return [
    ...declared.flatMap(({ table }) => writer.createTable(table)),
    ...declared.flatMap(({ indexes, guards, totals, periodTotals, workQueue, fullText }) => [
      ...indexes.flatMap((index) => writer.createIndex(index)),
      ...guards.flatMap((guard) => writer.createGuard(guard)),
      ...(totals ? writer.createTotals(totals) : []),
      ...(periodTotals ? writer.createPeriodTotals(periodTotals) : []),
      ...(workQueue ? writer.createWorkQueue(workQueue) : []),
      ...(fullText ? writer.createFullText(fullText) : []),
    ]),
  ]
}
