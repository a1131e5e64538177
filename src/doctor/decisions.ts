// Whether the decisions of each plan are a tree: numbered without gaps, each under one that is
// there and came before it, superseded by one that is there, and below the root that the plan
// points to. Decisions of plans that are gone are examined like others, but for what their plan
// says.

import { type Check, counted, type ExaminedStore, enumerate, failing, MAX_NAMED, passing } from './check.ts'

/** Each has the ids of what is wrong, in order. */
const problems: readonly (readonly [what: string, ids: string])[] = [
  [
    'a gap in the numbers of their decisions',
    'select plan_id from decisions group by plan_id having min(sequence) <> 1 or max(sequence) <> count(*)',
  ],
  [
    'a decision whose parent is missing, or is no earlier one of the plan',
    `select distinct decision.plan_id from decisions decision
left join decisions parent on parent.decision_id = decision.parent_decision_id
where decision.parent_decision_id is not null
  and (parent.decision_id is null or parent.plan_id <> decision.plan_id or parent.sequence >= decision.sequence)`,
  ],
  [
    'a decision superseded by one that is missing',
    `select distinct decision.plan_id from decisions decision
left join decisions other on other.decision_id = decision.superseded_by
where decision.superseded_by is not null and other.decision_id is null`,
  ],
  [
    'a root to which they do not point, or more than one',
    `select decision.plan_id from decisions decision join plans on plans.plan_id = decision.plan_id
where decision.parent_decision_id is null and decision.superseded_by is null
group by decision.plan_id
having count(*) > 1 or max(case when plans.decision_root_id = decision.decision_id then 1 else 0 end) = 0`,
  ],
]

export const decisionsCheck: Check = {
  name: 'decisions',
  needsCurrentSchema: true,
  run: async (patient) => {
    const found: string[] = []
    const plans = new Set<string>()
    for (const [what, sql] of problems) {
      const ids = await idsOf(patient, sql)
      if (ids.length === 0) continue
      for (const id of ids) plans.add(id)
      found.push(
        `${counted(ids.length, 'plan')} with ${what}: ${enumerate(ids.slice(0, MAX_NAMED), ids.length)}`,
      )
    }
    if (found.length > 0) {
      return failing(
        found.join('; '),
        plans.size,
        'copy the database, then correct the decisions of these plans with a database tool, or restore a backup',
      )
    }
    const [row] = await patient.read({
      sql: 'select count(*), count(distinct plan_id) from decisions',
      parameters: [],
    })
    const [decisions, ofPlans] = [Number(row?.[0] ?? 0), Number(row?.[1] ?? 0)]
    return passing(
      decisions === 0
        ? 'no decisions'
        : `${counted(decisions, 'decision')} of ${counted(ofPlans, 'plan')}, numbered without gaps`,
    )
  },
}

async function idsOf(patient: ExaminedStore, sql: string): Promise<readonly string[]> {
  const rows = await patient.read({ sql, parameters: [] })
  return rows.map(([id]) => String(id)).toSorted()
}
