// Totals of periods, maintained by a row trigger. Rows are spread over slots, as those of running
// totals are (slots.ts).

import type { PeriodTotalsSpec } from '../../contract/period-totals.ts'
import { periodTotalColumns as kept } from '../../contract/period-totals.ts'
import { LEDGER_TABLE } from '../../contract/schema.ts'
import { addedToPeriod, isInPeriod, memberOfPeriod } from '../../core/period-total-columns.ts'
import { quoteName, quoteText } from '../quoting.ts'
import { SLOT_VARIABLE } from '../slots.ts'

/** The trigger that adds each new cost record to the periods it falls into. */
export function periodTotalsTrigger(spec: PeriodTotalsSpec): string {
  return `CREATE TRIGGER IF NOT EXISTS ${quoteName(spec.name)} AFTER INSERT ON ${quoteName(spec.source)} FOR EACH ROW ${periodTotalsBody(spec)}`
}

/**
 * The first statement makes the insert wait for a transaction that begins a period (`lockInserts`),
 * and that one for the insert. Without it, a record could be neither in the sum that the period
 * begins with nor counted by this trigger. There is no lock for a table inside of a transaction, so
 * it is that of a row that every database has: the first one of the ledger.
 */
export function periodTotalsBody(spec: PeriodTotalsSpec): string {
  const target = quoteName(spec.target)
  const member = memberOfPeriod(spec, 'NEW', 'period', quoteName, quoteText)
  const added = addedToPeriod(spec, 'NEW', quoteName)
  const columns = [kept.period, kept.member, kept.slot, spec.sum, kept.unpriced, kept.records].map(quoteName)
  const sums = columns.slice(3)
  const counts = spec.counts ? ` AND ${added.records} > 0` : ''
  const settled = spec.settles
    ? `\n  DELETE FROM ${quoteName(spec.settles.table)} WHERE ${quoteName(spec.settles.key)} = NEW.${quoteName(spec.settles.column)};`
    : ''
  return `BEGIN
  DECLARE gate bigint;
  SELECT version INTO gate FROM ${quoteName(LEDGER_TABLE)} WHERE version = 1 LOCK IN SHARE MODE;
  INSERT INTO ${target} (${columns.join(', ')})
  SELECT period.id, ${member}, coalesce(${SLOT_VARIABLE}, 0), ${added.sum}, ${added.unpriced}, ${added.records}
  FROM ${quoteName(spec.periods)} AS period
  WHERE ${isInPeriod(spec, 'NEW', 'period', quoteName)} AND ${member} IS NOT NULL${counts}
  ON DUPLICATE KEY UPDATE ${sums.map((name) => `${name} = ${target}.${name} + VALUES(${name})`).join(', ')};${settled}
END`
}

/**
 * Makes inserts into the sources of period totals wait, after it has waited for those under way.
 */
export const lockInserts = `SELECT version FROM ${quoteName(LEDGER_TABLE)} WHERE version = 1 FOR UPDATE`
