// Totals of periods, maintained by a statement-level trigger for all rows that the statement wrote.

import type { PeriodTotalsSpec } from '../../contract/period-totals.ts'
import { periodTotalColumns as kept } from '../../contract/period-totals.ts'
import type { MigrationStatement } from '../../contract/schema.ts'
import { addedToPeriod, isInPeriod, memberOfPeriod } from '../../core/period-total-columns.ts'
import { TOTAL_SLOTS } from '../capabilities.ts'
import { quoteName, quoteText } from '../quoting.ts'
import { triggerFunction } from './preserved-tables.ts'

/**
 * Rows are locked in a fixed order, so that no two statements deadlock. A connection adds to its
 * own slot.
 */
function periodTotalsBody(spec: PeriodTotalsSpec): string {
  const target = quoteName(spec.target)
  const member = memberOfPeriod(spec, 'added', 'period', quoteName, quoteText)
  const added = addedToPeriod(spec, 'added', quoteName)
  const columns = [kept.period, kept.member, kept.slot, spec.sum, kept.unpriced, kept.records].map(quoteName)
  const sums = columns.slice(3)
  const counts = spec.counts ? ` AND ${added.records} > 0` : ''
  const settled = spec.settles
    ? `\n  DELETE FROM ${quoteName(spec.settles.table)} AS held USING added WHERE held.${quoteName(spec.settles.key)} = added.${quoteName(spec.settles.column)};`
    : ''
  return `BEGIN
  INSERT INTO ${target} (${columns.join(', ')})
  SELECT period.id, ${member}, pg_backend_pid() % ${TOTAL_SLOTS}, sum(${added.sum}), sum(${added.unpriced}), sum(${added.records})
  FROM added JOIN ${quoteName(spec.periods)} AS period ON ${isInPeriod(spec, 'added', 'period', quoteName)}
  WHERE ${member} IS NOT NULL${counts}
  GROUP BY 1, 2
  ORDER BY 1, 2
  ON CONFLICT (${columns.slice(0, 3).join(', ')}) DO UPDATE SET ${sums.map((name) => `${name} = ${target}.${name} + excluded.${name}`).join(', ')};${settled}
  RETURN NULL;
END`
}

/** The function and the trigger that add each new cost record to the periods it falls into. */
export function createPeriodTotals(spec: PeriodTotalsSpec): readonly MigrationStatement[] {
  const name = quoteName(spec.name)
  const label = `keep ${spec.target}`
  return [
    { label, sql: triggerFunction(spec.name, periodTotalsBody(spec)) },
    {
      label,
      sql: `CREATE TRIGGER ${name} AFTER INSERT ON ${quoteName(spec.source)} REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ${name}()`,
    },
  ]
}

/** Removes the trigger and its function. */
export function dropPeriodTotals(spec: PeriodTotalsSpec): readonly MigrationStatement[] {
  return [{ label: `stop ${spec.target}`, sql: `DROP FUNCTION ${quoteName(spec.name)}() CASCADE` }]
}
