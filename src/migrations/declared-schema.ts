// The schema declared by this build: the tables derived from the record definitions, and Purser's
// own tables. Migrations produce this schema and never import it; drift.ts checks whether a
// database still has it.

import type { IndexSpec, TableLayout } from '../engines/contract/schema.ts'
import { definitions } from '../records/definitions.ts'
import type { RecordDefinition } from '../records/model/define-record.ts'
import { changesTable, newChangesTable } from './change-tables.ts'
import { ledgerTable } from './ledger.ts'
import { FINDINGS, findingsTable, originalsTable } from './preserved-tables.ts'

const findingsIndex: IndexSpec = {
  name: 'purser_findings_row',
  table: FINDINGS,
  columns: ['migration', 'table_name', 'row_id', 'column_name'],
}

/**
 * Every table with its indexes, guards, totals and full text, for a list of records. Referenced
 * tables come before those that refer to them.
 */
export function schemaOf(records: readonly RecordDefinition[]): readonly TableLayout[] {
  return [
    { table: ledgerTable, indexes: [], guards: [] },
    { table: findingsTable, indexes: [findingsIndex], guards: [] },
    { table: originalsTable, indexes: [], guards: [] },
    { table: changesTable, indexes: [], guards: [] },
    { table: newChangesTable, indexes: [], guards: [] },
    ...records.flatMap(({ layouts }) => layouts),
  ]
}

/** The schema of the records of this build. */
export const declaredSchema = schemaOf(definitions)
