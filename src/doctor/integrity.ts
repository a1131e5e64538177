// The database's own integrity check: damaged pages, indexes that miss rows, violated constraints;
// and rows that refer to nonexistent rows.

import type { Engine, IntegrityFault } from '../engines/contract/engine.ts'
import { findLosses } from '../transfer/salvage.ts'
import { type Check, counted, enumerate, failing, passing } from './check.ts'

export const integrityCheck: Check = {
  name: 'integrity',
  needsCurrentSchema: false,
  run: async ({ engine }) => {
    const damage = await engine.integrity()
    if (damage.length === 0) return passing('the database finds no damage')
    const what = damage.length >= 100 ? 'at least 100 faults' : counted(damage.length, 'fault')
    const found = `the database finds ${what}: ${enumerate(damage.map(({ text }) => text))}`
    return failing(`${found}${await describeLosses(engine, damage)}`, damage.length, advice(damage))
  },
}

/** Which records are lost to damaged tables, as far as that can be determined. */
async function describeLosses(engine: Engine, damage: readonly IntegrityFault[]): Promise<string> {
  const tables = new Set(damage.flatMap(({ table, damaged }) => (damaged === 'rows' && table ? [table] : [])))
  const parts: string[] = []
  for (const [table, losses] of Map.groupBy(await findLosses(engine, tables), (loss) => loss.table)) {
    const ids = losses.flatMap(({ id }) => id ?? [])
    const ranges = losses.flatMap(({ id, from, to }) => (id === null ? [`${from}–${to ?? ''}`] : []))
    if (ids.length > 0)
      parts.push(`${counted(ids.length, 'row')} of ${table} cannot be read: ${enumerate(ids)}`)
    if (ranges.length > 0)
      parts.push(`nothing can be said of the rows of ${table} with the numbers ${enumerate(ranges)}`)
  }
  return parts.length === 0 ? '' : `; ${parts.join('; ')}`
}

function advice(damage: readonly IntegrityFault[]): string {
  if (damage.every(({ damaged }) => damaged === 'index' || damaged === 'full text'))
    return 'no record is lost: copy the database, then run purser doctor --fix, which makes indexes anew; look at the disk'
  const next = 'stop writing, copy the database, and restore the last sound backup; look at the disk'
  return damage.some(({ damaged }) => damaged === 'rows')
    ? `${next}. Without a backup, run purser export --salvage: it writes what can be read and lists what cannot`
    : next
}

export const referencesCheck: Check = {
  name: 'references',
  // Migrations fix what ancestors left open.
  needsCurrentSchema: true,
  run: async ({ engine }) => {
    const brokenReferences = await engine.brokenReferences()
    if (brokenReferences.length === 0) return passing('no row refers to a row that is missing')
    const rows = brokenReferences.reduce((sum, broken) => sum + broken.rows, 0)
    const places = brokenReferences.map(
      ({ table, column, target, rows: count }) =>
        `${counted(count, 'row')} of ${table} through ${column} to ${target}`,
    )
    return failing(
      `${counted(rows, 'row')} ${rows === 1 ? 'refers' : 'refer'} to missing rows: ${enumerate(places)}`,
      rows,
      'put the missing rows back from a backup, or take the reference out of these',
    )
  },
}
