// Running totals, maintained by a row trigger. The rows of one total are spread over slots
// (slots.ts), so that concurrent connections add to different rows; reading a total sums the slots.

import type { MigrationStatement, TotalsSpec } from '../../contract/schema.ts'
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

export function totalsTrigger(totals: TotalsSpec): string {
  return `CREATE TRIGGER IF NOT EXISTS ${quoteName(totals.name)} AFTER INSERT ON ${quoteName(totals.source)} FOR EACH ROW ${totalsBody(totals)}`
}

export function totalsBody(totals: TotalsSpec): string {
  const sums = totals.sums.map(quoteName)
  const rows = totals.dimensions.map((dimension) => {
    const values = [
      quoteText(dimension.name),
      memberOf(dimension, 'NEW.'),
      `NEW.${quoteName(totals.partitionBy)}`,
      `coalesce(${SLOT_VARIABLE}, 0)`,
      ...sums.map((sum) => `NEW.${sum}`),
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

export function fillTotals(totals: TotalsSpec, where?: string): readonly MigrationStatement[] {
  const sums = totals.sums.map(quoteName)
  const partitionBy = quoteName(totals.partitionBy)
  const records = totals.records === undefined ? 'count(*)' : `sum(${quoteName(totals.records)})`
  return totals.dimensions.map((dimension) => ({
    label: `total by ${dimension.name}`,
    sql: `INSERT INTO ${quoteName(totals.target)} (${columnsOf(totals, sums)})
SELECT ${quoteText(dimension.name)}, ${memberOf(dimension, '')}, ${partitionBy}, 0, ${sums.map((sum) => `sum(${sum})`).join(', ')}, ${records}
FROM ${quoteName(totals.source)}${where === undefined ? '' : ` WHERE ${where}`} GROUP BY 2, 3`,
  }))
}
