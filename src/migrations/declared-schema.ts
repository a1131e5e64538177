// The schema of this build, declared: what follows from the definitions of the records, and Purser's own tables. Migrations lead
// to it and never import it; drift.ts says whether a database still has it.

import type { IndexSpec, TableLayout } from '../engines/contract/schema.ts'
import { definitions } from '../records/definitions.ts'
import { ledgerTable } from './ledger.ts'
import { FINDINGS, findingsTable, originalsTable } from './preserved-tables.ts'

const findingsIndex: IndexSpec = {
  name: 'purser_findings_row',
  table: FINDINGS,
  columns: ['migration', 'table_name', 'row_id', 'column_name'],
}

/** Every table with its indexes, guards, totals and full text; tables that others refer to stand before them. */
export const declaredSchema: readonly TableLayout[] = [
  { table: ledgerTable, indexes: [], guards: [] },
  { table: findingsTable, indexes: [findingsIndex], guards: [] },
  { table: originalsTable, indexes: [], guards: [] },
  ...definitions.flatMap(({ layouts }) => layouts),
]
