// Tables beside that of budgets: the periods for which the database keeps totals, those totals, the
// amounts held by reservations, and which notices were given. They are derived or short-lived, so
// none of them is exported or copied.

import type { ColumnSpec, TableLayout } from '../../engines/contract/schema.ts'
import { HOLDS, NOTICES, PERIODS, SPENT } from './period-totals.ts'

const budget: ColumnSpec = {
  name: 'budget',
  type: 'id',
  references: { table: 'budgets', column: 'name', onDelete: 'cascade' },
}

export const sideTables: readonly TableLayout[] = [
  {
    table: {
      name: PERIODS,
      columns: [
        { name: 'id', type: 'id' },
        { name: 'dimension', type: 'name' },
        { name: 'currency', type: 'name' },
        { name: 'first_at', type: 'instant' },
        { name: 'last_at', type: 'instant' },
      ],
      primaryKey: ['id'],
    },
    indexes: [{ name: `${PERIODS}_last`, table: PERIODS, columns: ['currency', 'last_at', 'first_at'] }],
    guards: [],
  },
  {
    table: {
      name: SPENT,
      columns: [
        { name: 'period', type: 'id' },
        { name: 'member', type: 'id' },
        { name: 'slot', type: 'integer' },
        { name: 'cost', type: 'money' },
        { name: 'unpriced', type: 'integer' },
        { name: 'records', type: 'integer' },
      ],
      primaryKey: ['period', 'member', 'slot'],
      clustered: true,
    },
    indexes: [],
    guards: [],
  },
  {
    table: {
      name: HOLDS,
      columns: [
        { name: 'reservation', type: 'id' },
        budget,
        { name: 'amount', type: 'money' },
        { name: 'currency', type: 'name' },
        { name: 'created_at', type: 'instant' },
        { name: 'expires_at', type: 'instant' },
      ],
      primaryKey: ['reservation', 'budget'],
      clustered: true,
    },
    indexes: [{ name: `${HOLDS}_budget`, table: HOLDS, columns: ['budget', 'expires_at'] }],
    guards: [],
  },
  {
    table: {
      name: NOTICES,
      columns: [{ name: 'id', type: 'id' }, budget],
      primaryKey: ['id'],
    },
    indexes: [{ name: `${NOTICES}_budget`, table: NOTICES, columns: ['budget'] }],
    guards: [],
  },
]
