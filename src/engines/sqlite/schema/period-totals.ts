// Totals of periods, maintained by a row trigger.

import type { PeriodTotalsSpec } from '../../contract/period-totals.ts'
import { periodTotalColumns as kept } from '../../contract/period-totals.ts'
import { addedToPeriod, isInPeriod, memberOfPeriod } from '../../core/period-total-columns.ts'
import { quoteName, quoteText } from '../quoting.ts'

/** The trigger that adds each new cost record to the periods it falls into. */
export function periodTotalsTrigger(spec: PeriodTotalsSpec): string {
  const sum = quoteName(spec.sum)
  const member = memberOfPeriod(spec, 'NEW', 'period', quoteName, quoteText)
  const added = addedToPeriod(spec, 'NEW', quoteName)
  const columns = [kept.period, kept.member, kept.slot, spec.sum, kept.unpriced, kept.records].map(quoteName)
  const sums = [sum, quoteName(kept.unpriced), quoteName(kept.records)]
  // A row that represents no records yet adds nothing.
  const counts = spec.counts ? ` AND ${added.records} > 0` : ''
  const settled = spec.settles
    ? `\n  DELETE FROM ${quoteName(spec.settles.table)} WHERE ${quoteName(spec.settles.key)} = NEW.${quoteName(spec.settles.column)};`
    : ''
  return `CREATE TRIGGER ${quoteName(spec.name)} AFTER INSERT ON ${quoteName(spec.source)} BEGIN
  INSERT INTO ${quoteName(spec.target)} (${columns.join(', ')})
  SELECT period.id, ${member}, 0, ${added.sum}, ${added.unpriced}, ${added.records}
  FROM ${quoteName(spec.periods)} AS period
  WHERE ${isInPeriod(spec, 'NEW', 'period', quoteName)} AND ${member} IS NOT NULL${counts}
  ON CONFLICT (${columns.slice(0, 3).join(', ')}) DO UPDATE SET ${sums.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')};${settled}
END`
}
