// Running totals, maintained by a row trigger. The rows of one total are spread over slots
// (slots.ts), so that concurrent connections add to different rows; reading a total sums the slots.

import type { MigrationStatement, TotalsSpec } from '../../contract/schema.ts'
import { totalColumns } from '../../contract/total-columns.ts'
import { quoteName, quoteText } from '../quoting.ts'
import { SLOT_VARIABLE } from '../slots.ts'

function memberOf(dimension: TotalsSpec['dimensions'][number], row: string): string {
  const column = `${row}${quoteName(dimension.column)}`
  return dimension.by === 'hour' ? `date_format(${column}, '%Y-%m-%dT%H')` : `coalesce(${column}, '')`
}

function columnsOf(totals: TotalsSpec, sums: readonly string[]): string {
  return ['dimension', 'member', totals.partitionBy, 'slot']
    .map(quoteName)
    .concat(sums, quoteName('records'))
    .join(', ')
}

/** The trigger that keeps running totals. */
export function totalsTrigger(totals: TotalsSpec): string {
  return `CREATE TRIGGER IF NOT EXISTS ${quoteName(totals.name)} AFTER INSERT ON ${quoteName(totals.source)} FOR EACH ROW ${totalsBody(totals)}`
}

/** The body of the trigger that keeps running totals. */
export function totalsBody(totals: TotalsSpec): string {
  const kept = totalColumns(totals, quoteName, 'NEW.')
  const sums = kept.map(({ name }) => quoteName(name))
  const rows = totals.dimensions.map((dimension) => {
    const values = [
      quoteText(dimension.name),
      memberOf(dimension, 'NEW.'),
      `NEW.${quoteName(totals.partitionBy)}`,
      `coalesce(${SLOT_VARIABLE}, 0)`,
      ...kept.map(({ value }) => value),
      totals.records === undefined ? '1' : `NEW.${quoteName(totals.records)}`,
    ]
    return `  (${values.join(', ')})`
  })
  const added = [...sums, quoteName('records')].map((sum) => `${sum} = ${sum} + VALUES(${sum})`)
  const insert = `INSERT INTO ${quoteName(totals.target)} (${columnsOf(totals, sums)}) VALUES
${rows.join(',\n')}
  ON DUPLICATE KEY UPDATE ${added.join(', ')}`
  if (totals.records === undefined) return insert
  // A row that represents no records yet adds nothing.
  return `BEGIN\n  IF NEW.${quoteName(totals.records)} > 0 THEN\n    ${insert};\n  END IF;\nEND`
}

/** Computes the totals of the rows that are stored into one slot. */
export function fillTotals(totals: TotalsSpec, where?: string, slot = 0): readonly MigrationStatement[] {
  const kept = totalColumns(totals, quoteName)
  const sums = kept.map(({ name }) => quoteName(name))
  const partitionBy = quoteName(totals.partitionBy)
  const records = totals.records === undefined ? 'count(*)' : `sum(${quoteName(totals.records)})`
  return totals.dimensions.map((dimension) => ({
    label: `total by ${dimension.name}`,
    sql: `INSERT INTO ${quoteName(totals.target)} (${columnsOf(totals, sums)})
SELECT ${quoteText(dimension.name)}, ${memberOf(dimension, '')}, ${partitionBy}, ${slot}, ${kept.map(({ value }) => `sum(${value})`).join(', ')}, ${records}
FROM ${quoteName(totals.source)}${where === undefined ? '' : ` WHERE ${where}`} GROUP BY 2, 3`,
  }))
}
