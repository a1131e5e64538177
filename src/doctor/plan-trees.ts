// Whether plans form trees: no cycles of parents, no missing parent, and the correct root in
// root_plan_id. The correct roots are found by one recursive query, downward from the plans without
// a parent, which terminates despite cycles.

import type { Row } from '../engines/contract/engine.ts'
import { cyclesOf } from '../values/cycles.ts'
import {
  type Check,
  counted,
  type Diagnosis,
  type ExaminedStore,
  enumerate,
  failing,
  MAX_NAMED,
  passing,
} from './check.ts'

/**
 * A plan whose parent is missing counts as the top of its tree, so that its descendants are not
 * reported with it.
 */
const trees = `with recursive tree (id, root) as (
  select top.plan_id, top.plan_id from plans top
  where top.parent_plan_id is null
    or not exists (select 1 from plans parent where parent.plan_id = top.parent_plan_id)
  union all
  select plans.plan_id, tree.root from tree join plans on plans.parent_plan_id = tree.id
)`

const faults = `${trees},
faults (problem, id) as (
  select case
      when tree.id is null then 'cycle'
      when plans.parent_plan_id is not null and tree.root = plans.plan_id then 'orphan'
      when coalesce(plans.root_plan_id, '') <> tree.root then 'root'
    end, plans.plan_id
  from plans left join tree on tree.id = plans.plan_id
)
select problem, id, total from (
  select problem, id, count(*) over (partition by problem) as total,
    row_number() over (partition by problem order by id) as place
  from faults where problem is not null
) ranked
where place <= ${MAX_NAMED} order by problem, id`

/** Plans on a cycle, and those below one. */
const unreached = `${trees}
select plans.plan_id, plans.parent_plan_id from plans left join tree on tree.id = plans.plan_id where tree.id is null`

export const planTreesCheck: Check = {
  name: 'plan trees',
  needsCurrentSchema: true,
  run: async (patient) => {
    const rows = await patient.read({ sql: faults, parameters: [] })
    if (rows.length === 0) {
      const [row] = await patient.read({
        sql: 'select count(*), count(*) - count(parent_plan_id) from plans',
        parameters: [],
      })
      const [plans, roots] = [Number(row?.[0] ?? 0), Number(row?.[1] ?? 0)]
      return passing(plans === 0 ? 'no plans' : `${counted(plans, 'plan')} in ${counted(roots, 'tree')}`)
    }
    return describeFaults(patient, rows)
  },
}

async function describeFaults(patient: ExaminedStore, rows: readonly Row[]): Promise<Diagnosis> {
  const totalOf = (problem: string) => Number(rows.find(([name]) => name === problem)?.[2] ?? 0)
  const idsOf = (problem: string) => rows.filter(([name]) => name === problem).map(([, id]) => String(id))
  const totals = { cycle: totalOf('cycle'), orphan: totalOf('orphan'), root: totalOf('root') }
  const parts = [
    ...(totals.cycle > 0 ? [await describeCycles(patient, totals.cycle)] : []),
    ...(totals.orphan > 0
      ? [
          `${counted(totals.orphan, 'plan')} without the parent they name: ${enumerate(idsOf('orphan'), totals.orphan)}`,
        ]
      : []),
    ...(totals.root > 0
      ? [
          `${counted(totals.root, 'plan')} with a wrong root_plan_id: ${enumerate(idsOf('root'), totals.root)}`,
        ]
      : []),
  ]
  return failing(
    parts.join('; '),
    totals.cycle + totals.orphan + totals.root,
    'copy the database, then correct parent_plan_id and root_plan_id of these plans with a database tool',
  )
}

async function describeCycles(patient: ExaminedStore, total: number): Promise<string> {
  const rows = await patient.read({ sql: unreached, parameters: [] })
  const cycles = cyclesOf(new Map(rows.map(([id, parent]) => [String(id), String(parent)])))
  const members = cycles.flat()
  const below = total - members.length
  const others = below > 0 ? `, and ${counted(below, 'plan')} below` : ''
  return `${counted(cycles.length, 'cycle')} of parents: ${enumerate(members)}${others}`
}
