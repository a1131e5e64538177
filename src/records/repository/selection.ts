// The rows of a list, a count or a total: the conditions of a filter, at most one SQL condition for
// what columns alone cannot express (a plan tree, a full-text search), and at most one test of the
// resulting rows for what must not depend on how a database compares (the runs of a search, values
// in JSON).

import type { Query, Row, WireValue } from '../../engines/contract/engine.ts'
import {
  applyConditions,
  type Condition,
  conditionsFingerprint,
  conditionsKey,
  conditionValues,
} from './conditions.ts'
import { rawSql } from './raw-sql.ts'
import type { SlotOf } from './statements.ts'

/** A condition in SQL, with `?` for its parameters; `key` identifies its shape. */
export interface ExtraCondition {
  readonly key: string
  readonly query: Query
}

/**
 * A test of rows after reading; `key` identifies it and its values. Lists and counts with a test
 * read every row that the conditions return.
 */
export interface RowTest {
  readonly key: string
  /** The columns that it examines. */
  readonly columns: readonly string[]
  /** @param values of the columns, in their order */
  passes(values: Row): boolean
}

export interface Selection {
  readonly conditions: readonly Condition[]
  readonly extra?: ExtraCondition | undefined
  readonly test?: RowTest | undefined
}

/** The conjunction of several selections. */
export function combined(selections: readonly Selection[]): Selection {
  const extras = selections.flatMap(({ extra }) => extra ?? [])
  const conditions = selections.flatMap((selection) => selection.conditions)
  const test = allTests(selections.flatMap((selection) => selection.test ?? []))
  if (extras.length < 2) return { conditions, extra: extras[0], test }
  const extra = {
    key: extras.map(({ key }) => key).join(' and '),
    query: {
      sql: extras.map(({ query }) => query.sql).join(' and '),
      parameters: extras.flatMap(({ query }) => query.parameters),
    },
  }
  return { conditions, extra, test }
}

function allTests(tests: readonly RowTest[]): RowTest | undefined {
  if (tests.length < 2) return tests[0]
  return {
    key: tests.map(({ key }) => key).join(' and '),
    columns: tests.flatMap(({ columns }) => columns),
    passes: (values) => {
      let next = 0
      return tests.every((test) => {
        const first = next
        next += test.columns.length
        return test.passes(values.slice(first, next))
      })
    },
  }
}

/** Identifies the statement of a selection. */
export function shapeOf({ conditions, extra }: Selection): string {
  return `${conditionsKey(conditions)} ${extra?.key ?? ''}`
}

/** Identifies the list of a selection: the values too. */
export function fingerprintOf({ conditions, extra, test }: Selection): string {
  const parameters = JSON.stringify(extra?.query.parameters ?? [])
  return `${conditionsFingerprint(conditions)} ${extra?.key ?? ''} ${parameters}${test ? ` ${test.key}` : ''}`
}

/** The values of a selection, in the order of its slots. */
export function valuesOf({ conditions, extra }: Selection): readonly WireValue[] {
  return [...conditionValues(conditions), ...(extra?.query.parameters ?? [])]
}

// biome-ignore lint/suspicious/noExplicitAny: Kysely's builders change their type with every call
type Selectable = any

/** Adds the selection to a statement whose values from `first` on are those of `valuesOf`. */
export function applySelection(query: Selectable, selection: Selection, slot: SlotOf, first = 0): Selectable {
  const { conditions, extra } = selection
  const selected = applyConditions(query, conditions, slot, first)
  if (!extra) return selected
  const next = first + conditionValues(conditions).length
  return selected.where(rawSql(extra.query)((index) => slot(next + index)))
}
