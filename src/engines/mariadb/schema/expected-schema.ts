// What introspection would return for a database with the declared layout, computed without a
// database: a temporary one would require privileges that checking for drift does not otherwise
// need. A test compares it with a migrated database.

import type {
  ColumnSpec,
  LiveColumn,
  LiveSchema,
  LiveTable,
  TableLayout,
  TableSpec,
} from '../../contract/schema.ts'
import { quoteName } from '../quoting.ts'
import { COLLATION } from '../session-settings.ts'
import { choiceCondition, defaultText, generatedSql, keyType } from './ddl.ts'
import { fullTextTables } from './full-text.ts'
import { guardBody, guardEvent } from './guards.ts'
import { triggerText } from './introspect.ts'
import { jsonValid } from './json-check.ts'
import { periodTotalsBody } from './period-totals.ts'
import { totalsBody } from './totals.ts'
import { workQueueBody, workQueueEvents } from './work-queue.ts'

/** The declared tables as MariaDB's information schema would report them. */
export function expectedSchema(declared: readonly TableLayout[]): LiveSchema {
  const tables = declared.flatMap((layout) => {
    const own = expectedTable(layout)
    if (!layout.fullText) return [own]
    const { index, pending } = fullTextTables(layout.fullText)
    const rows = { name: `${index.name}_seq`, columns: ['seq'], unique: false, where: null }
    return [own, { ...plainTable(index), indexes: [rows] }, plainTable(pending)]
  })
  return { tables: tables.sort(byName), layoutMark: 0 }
}

function expectedTable({
  table,
  indexes,
  guards,
  totals,
  periodTotals,
  workQueue,
  fullText,
}: TableLayout): LiveTable {
  const plain = plainTable(table)
  const text = fullText && fullTextTables(fullText)
  const triggers = [
    ...guards.map((guard) => ({
      name: guard.name,
      definition: triggerText('BEFORE', guardEvent(guard), guardBody(guard)),
    })),
    ...(totals
      ? [{ name: totals.name, definition: triggerText('AFTER', 'INSERT', totalsBody(totals)) }]
      : []),
    ...(periodTotals
      ? [
          {
            name: periodTotals.name,
            definition: triggerText('AFTER', 'INSERT', periodTotalsBody(periodTotals)),
          },
        ]
      : []),
    ...(workQueue
      ? workQueueEvents.map((event) => ({
          name: `${workQueue.name}_${event}`,
          definition: triggerText('AFTER', event.toUpperCase(), workQueueBody(workQueue, event)),
        }))
      : []),
    ...(text && fullText
      ? [
          {
            name: text.onInsert.name,
            definition: triggerText('AFTER', 'INSERT', text.onInsert.body(fullText.serial)),
          },
          {
            name: text.onDelete.name,
            definition: triggerText('AFTER', 'DELETE', text.onDelete.body(fullText.serial)),
          },
        ]
      : []),
  ]
  return {
    ...plain,
    indexes: indexes
      .map(({ name, columns, unique }) => ({ name, columns, unique: unique ?? false, where: null }))
      .sort(byName),
    triggers: triggers.sort(byName),
  }
}

/** A table with what its own statement creates. */
function plainTable(table: TableSpec): LiveTable {
  return {
    name: table.name,
    options: ['InnoDB', COLLATION],
    columns: table.columns.map((column) => expectedColumn(table, column)),
    foreignKeys: table.columns
      .flatMap(({ name, references }) =>
        references
          ? [
              {
                columns: [name],
                table: references.table,
                referenced: [references.column],
                onDelete: references.onDelete,
                // What the server reports for a key that does not specify it.
                onUpdate: 'restrict',
              },
            ]
          : [],
      )
      .sort((a, b) => (a.columns.join() < b.columns.join() ? -1 : 1)),
    indexes: [],
    checks: checksOf(table),
    triggers: [],
  }
}

function expectedColumn(table: TableSpec, column: ColumnSpec): LiveColumn {
  const keyPosition = table.primaryKey.indexOf(column.name) + 1
  return {
    name: column.name,
    type: keyType(table, column),
    nullable: (column.nullable ?? false) && keyPosition === 0,
    default: defaultText(column),
    keyPosition,
    generated: column.generated ? generatedSql(column.generated) : null,
  }
}

/** Sorted by constraint name; a column's own constraint has the column's name. */
function checksOf(table: TableSpec): readonly string[] {
  return table.columns
    .flatMap(({ name, type, oneOf }) => [
      ...(type === 'json' ? [{ name, check: withoutParentheses(jsonValid(quoteName(name))) }] : []),
      ...(oneOf ? [{ name: oneOf.name, check: choiceCondition(name, oneOf.values) }] : []),
    ])
    .sort(byName)
    .map(({ check }) => check)
}

/** The server omits the outermost parentheses. */
function withoutParentheses(condition: string): string {
  return condition.slice(1, -1)
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1
}
