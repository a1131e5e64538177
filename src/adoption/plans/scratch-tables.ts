// Where migration 6 reads and preserves values: columns of the new layout, and scratch tables that
// exist only while it runs.

import type { TableSpec } from '../../engines/contract/schema.ts'
import type { AdoptionWriter } from '../expressions.ts'
import type { ValuePlace } from '../preserved-values.ts'

export const VERSION = 6
/** Names under which one preserved value holds several columns of a row, as a JSON object. */
export const TIMES = 'times'
export const TEXTS = 'texts'

export const place = (column: string, from?: string): ValuePlace => ({
  migration: VERSION,
  table: 'plans',
  rowId: 'plans.plan_id',
  column,
  ...(from === undefined ? {} : { from }),
})

/** The root of every plan that has a parent. */
export const rootsTable: TableSpec = {
  name: 'plans__roots',
  columns: [
    { name: 'plan_id', type: 'id' },
    { name: 'root_plan_id', type: 'id' },
  ],
  primaryKey: ['plan_id'],
  clustered: true,
}

/** The meaning of every text in the plans' profile column. `name` is null if it has none. */
export const profilesTable: TableSpec = {
  name: 'plans__profiles',
  columns: [
    { name: 'written', type: 'text' },
    { name: 'name', type: 'name', nullable: true },
    { name: 'provenance', type: 'name', nullable: true },
    { name: 'plain', type: 'integer', default: { number: '0' } },
  ],
  primaryKey: ['written'],
  clustered: true,
}

/** The rows of the child tables as lists, for plans that have any. */
export const listsTable: TableSpec = {
  name: 'plans__lists',
  columns: [
    { name: 'plan_id', type: 'id' },
    { name: 'projects', type: 'text', nullable: true },
    { name: 'arguments', type: 'text', nullable: true },
    { name: 'invariants', type: 'text', nullable: true },
  ],
  primaryKey: ['plan_id'],
  clustered: true,
}

/** New names of roots whose name already belongs to another root. */
export const namesTable: TableSpec = {
  name: 'plans__names',
  columns: [
    { name: 'plan_id', type: 'id' },
    { name: 'name', type: 'name' },
  ],
  primaryKey: ['plan_id'],
  clustered: true,
}

/**
 * Plans with a value that is not in its plain form: the texts to set aside, and whether any value
 * needs a strict check.
 */
export const textsTable: TableSpec = {
  name: 'plans__texts',
  columns: [
    { name: 'plan_id', type: 'id' },
    { name: 'times', type: 'text' },
    { name: 'texts', type: 'text' },
    { name: 'odd', type: 'integer' },
  ],
  primaryKey: ['plan_id'],
  clustered: true,
}

/**
 * Plans with a value that cannot be carried over unchanged. There are few, so that the checks of
 * every column read few rows.
 */
export const oddTable: TableSpec = {
  name: 'plans__odd',
  columns: [{ name: 'plan_id', type: 'id' }],
  primaryKey: ['plan_id'],
  clustered: true,
}

/**
 * A cross join of the odd plans with all plans: engines keep the order of a cross join, and there
 * are far more plans.
 */
export const oddPlans = {
  from: `${oddTable.name} AS odd CROSS JOIN plans`,
  where: 'plans.plan_id = odd.plan_id',
} as const

/** A condition over a column: true if it has one of the words. */
export function isWord(writer: AdoptionWriter, column: string, words: readonly string[]): string {
  return `${column} IN (${words.map((word) => writer.text(word)).join(', ')})`
}
