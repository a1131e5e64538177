// The tables in which later migrations record what they had to decide (preserved-values.ts).

import { FINDINGS, findingsTable, ORIGINALS, originalsTable } from '../migrations/preserved-tables.ts'
import type { AdoptionMigration } from './migration.ts'

export const findings: AdoptionMigration = {
  version: 2,
  name: 'findings',
  breaking: false,
  up: (writer) => [
    ...writer.createTable(findingsTable),
    ...writer.createIndex({
      name: 'purser_findings_row',
      table: FINDINGS,
      columns: ['migration', 'table_name', 'row_id', 'column_name'],
    }),
    ...writer.createTable(originalsTable),
  ],
  down: (writer) => [...writer.dropTable(ORIGINALS), ...writer.dropTable(FINDINGS)],
  // No losses: the `down` of each later migration restores its own findings to their columns.
}
