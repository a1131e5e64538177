// Examines an ancestor's plans before anything is changed: cycles among parents, and missing
// parents. Rejects them, or determines which plans become roots. Only reads; memory grows with the
// number of plans that have a parent.

import type { MigrationStatement } from '../../engines/contract/schema.ts'
import { MigrationError } from '../../errors.ts'
import type { Inspection } from '../../migrations/migration.ts'
import { FINDINGS } from '../../migrations/preserved-tables.ts'
import { cyclesOf } from '../../values/cycles.ts'
import type { AdoptionWriter } from '../expressions.ts'
import { VERSION } from './scratch-tables.ts'
import { PARENT } from './trees.ts'

const TABLE = 'v3_plans'
/** The most ids that an error lists. */
const NAMED = 50
/** Rows per statement. */
const BATCH = 500

/** Refuses orphans, and refuses or breaks cycles of parents, as the options say. */
export async function inspectPlans(
  inspection: Inspection<AdoptionWriter>,
): Promise<readonly MigrationStatement[]> {
  if (!inspection.live.tables.some((table) => table.name === TABLE)) return []
  if (inspection.onOrphan === 'abort') await refuseOrphans(inspection)
  const parents = await suspectParents(inspection)
  const cycles = cyclesOf(parents)
  if (cycles.length === 0) return []
  if (inspection.onCycle === 'abort') throw cyclesRefused(cycles)
  return breakCycles(inspection.writer, cycles, parents)
}

async function refuseOrphans({ read }: Inspection<AdoptionWriter>): Promise<void> {
  const orphans = `FROM ${TABLE} AS plan WHERE ${PARENT} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ${TABLE} AS parent WHERE parent.plan_id = plan.${PARENT})`
  const [row] = await read({ sql: `SELECT count(*) ${orphans}`, parameters: [] })
  const total = Number(row?.[0] ?? 0)
  if (total === 0) return
  const named = await read({
    sql: `SELECT plan_id, ${PARENT} ${orphans} ORDER BY plan_id LIMIT ${NAMED}`,
    parameters: [],
  })
  const details = named.map(([id, parent]) => `${String(id)} (parent ${String(parent)})`)
  const ids = named.map(([id]) => String(id)).join(', ')
  throw new MigrationError(
    `${total === 1 ? 'the parent of 1 plan is missing' : `the parents of ${total} plans are missing`}: ${ids}${more(total - named.length)}; nothing was changed. Repeat with --on-orphan=root to make roots of them, or give them a parent`,
    { details: total > named.length ? [...details, `and ${total - named.length} more`] : details },
  )
}

/**
 * The parent of every plan that could be in a cycle. With sequential ids, such as the ancestor's,
 * parents sort before their children; if all do, there is no cycle, and plans need not be checked
 * one by one.
 */
async function suspectParents({ read }: Inspection<AdoptionWriter>): Promise<ReadonlyMap<string, string>> {
  const backwards = await read({
    sql: `SELECT 1 FROM ${TABLE} WHERE ${PARENT} >= plan_id LIMIT 1`,
    parameters: [],
  })
  if (backwards.length === 0) return new Map()
  const rows = await read({
    sql: `SELECT plan_id, ${PARENT} FROM ${TABLE} WHERE ${PARENT} IS NOT NULL`,
    parameters: [],
  })
  return new Map(rows.map(([id, parent]) => [String(id), String(parent)]))
}

function cyclesRefused(cycles: readonly (readonly string[])[]): MigrationError {
  const total = cycles.reduce((sum, cycle) => sum + cycle.length, 0)
  const details: string[] = []
  const shown: string[] = []
  let left = NAMED
  for (const cycle of cycles) {
    if (left === 0) break
    const named = cycle.slice(0, left)
    left -= named.length
    shown.push(`${named.join(', ')}${more(cycle.length - named.length)}`)
    details.push(
      named.length < cycle.length
        ? `${named.join(' → ')} → … (${cycle.length} plans)`
        : `${[...named, cycle[0]].join(' → ')}`,
    )
  }
  if (total > NAMED) details.push(`in all ${total} plans in ${cycles.length} cycles`)
  const what = `${total === 1 ? '1 plan' : `${total} plans`} in ${cycles.length === 1 ? '1 cycle' : `${cycles.length} cycles`} of parents`
  return new MigrationError(
    `${what}: ${shown.join('; ')}${cycles.length > shown.length ? `; and ${cycles.length - shown.length} more cycles` : ''}; nothing was changed. Repeat with --on-cycle=break to make a root of the smallest id of each, or correct the parents`,
    { details },
  )
}

function more(count: number): string {
  return count > 0 ? ` and ${count} more` : ''
}

/** Records a finding for each plan that loses its parent; `alignTrees` clears the parent. */
function breakCycles(
  writer: AdoptionWriter,
  cycles: readonly (readonly string[])[],
  parents: ReadonlyMap<string, string>,
): readonly MigrationStatement[] {
  const table = writer.text('plans')
  const rows = cycles.flatMap(([id]) =>
    id === undefined
      ? []
      : [
          `(${VERSION}, ${table}, ${writer.text(id)}, ${writer.text(PARENT)}, ${writer.text('plan-cycle')}, ${writer.text(parents.get(id) ?? '')}, ${writer.now})`,
        ],
  )
  return Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, index) =>
    writer.run(
      'note the cycles to break',
      `INSERT INTO ${FINDINGS} (migration, table_name, row_id, column_name, problem, original_value, created_at) VALUES
${rows.slice(index * BATCH, (index + 1) * BATCH).join(',\n')}`,
    ),
  )
}
