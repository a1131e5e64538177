// Plans as trees, with their state and what each has cost with everything below it.

import { useMemo } from 'preact/hooks'
import { planPhases, planStates } from '../../../src/records/plans/enums.ts'
import { useRead } from '../../api/queries.ts'
import type { CostTotal, Items, Plan } from '../../api/records.ts'
import { Choice, SearchField } from '../../parts/fields.tsx'
import { PageFrame } from '../../parts/page.tsx'
import { Empty, Read } from '../../parts/panel.tsx'
import { useParam } from '../../parts/params.ts'
import { count } from '../../parts/words.ts'
import { useCurrency } from '../costs/currency.ts'
import { subtreeCosts } from './forest.ts'
import { PlanTree } from './plan-tree.tsx'
import { type AllPlans, MOST_PLANS, useAllPlans } from './read-plans.ts'

export default function Plans() {
  const all = useAllPlans()
  const { currency } = useCurrency()
  const costs = useRead<Items<CostTotal>>('/costs/report', {
    query: { by: 'plan', currency },
    records: ['cost_record'],
  })
  const [text, setText] = useParam('q')
  const [phase, setPhase] = useParam('phase')
  const [state, setState] = useParam('state')
  return (
    <PageFrame
      title="Plans"
      beside={<span class="muted">{all.data && count(all.data.plans.length)}</span>}
      actions={
        <div class="filters">
          <SearchField label="Filter by words" value={text} onChange={setText} />
          <Choice label="Phase" any="any" value={phase} options={planPhases} onChange={setPhase} />
          <Choice label="State" any="any" value={state} options={planStates} onChange={setState} />
        </div>
      }
    >
      <section class="panel" aria-label="Plans">
        <Read of={all} lines={8}>
          {(read) => <Trees {...{ read, text, phase, state, currency }} totals={costs.data?.items ?? []} />}
        </Read>
      </section>
    </PageFrame>
  )
}

interface TreesProps {
  readonly read: AllPlans
  readonly totals: readonly CostTotal[]
  readonly text: string
  readonly phase: string
  readonly state: string
  readonly currency: string
}

function Trees({ read: { plans, isComplete }, totals, text, phase, state, currency }: TreesProps) {
  const costs = useMemo(() => subtreeCosts(plans, totals), [plans, totals])
  const isFiltered = text !== '' || phase !== '' || state !== ''
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const matches = (plan: Plan) =>
    (phase === '' || plan.phase === phase) &&
    (state === '' || plan.state === state) &&
    words.every((word) => textOf(plan).includes(word))
  if (plans.length === 0) {
    return (
      <Empty
        title="There are no plans"
        then="Agents make them as they break down what they are to do; so can you."
        command="purser plans create --help"
      />
    )
  }
  return (
    <>
      {!isComplete && (
        <p class="note">
          Only the first {count(MOST_PLANS)} plans are shown. Search finds the others by their names and ids.
        </p>
      )}
      <PlanTree plans={plans} costs={costs} currency={currency} matches={isFiltered ? matches : undefined} />
    </>
  )
}

function textOf({ name, description, actionName, planId }: Plan): string {
  return `${name ?? ''} ${description} ${actionName} ${planId}`.toLowerCase()
}
