// One budget as a row: its bar, its numbers, its forecast; operators change its limit.

import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import { change } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { Budget, BudgetStatus } from '../../api/records.ts'
import { mayOperate, useSession } from '../../api/session.ts'
import { BudgetMeter } from '../../parts/budget-meter.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { Money } from '../../parts/money.tsx'
import { BudgetLevelView } from '../../parts/state.tsx'
import { Time, useNow } from '../../parts/time.tsx'
import { percent } from '../../parts/words.ts'
import { forecastOf } from './forecast.ts'

/** The filter of costs that a budget counts, by its scope. */
const filters: Readonly<Record<Budget['scope'], string | undefined>> = {
  everything: undefined,
  project: 'project',
  agent: 'agentId',
  model: 'model',
  plan: 'planId',
  task: 'taskId',
}

export function BudgetView({ status }: { readonly status: BudgetStatus }) {
  const { budget, period, spent, held, remaining, share, level, unpriced } = status
  const { name, currency, limit, scope, target, active, whenExceeded } = budget
  const session = useSession()
  const [isChanging, setChanging] = useState(false)
  const filter = filters[scope]
  const costs =
    filter === undefined ? '/costs' : `/costs?range=all&${filter}=${encodeURIComponent(target ?? '')}`
  return (
    <li class="budget">
      <div class="line wrap">
        <strong>
          <Link href={costs} data-row="">
            {name}
          </Link>
        </strong>
        {active ? <BudgetLevelView level={level} /> : <span class="tag">not active</span>}
        <span class="muted">
          {scope === 'everything' ? 'everything' : `${scope} ${target}`},{' '}
          {period.begin === null ? 'in total' : `each ${budget.period}`}
        </span>
        {mayOperate(session) && (
          <button type="button" onClick={() => setChanging(true)}>
            Change limit…
          </button>
        )}
      </div>
      <BudgetMeter status={status} />
      <dl class="numbers">
        <div>
          <dt>Spent</dt>
          <dd>
            <Money value={spent} currency={currency} /> <span class="muted">{percent(share)}</span>
          </dd>
        </div>
        <div>
          <dt>Held</dt>
          <dd>
            <Money value={held} currency={currency} />
          </dd>
        </div>
        <div>
          <dt>Left</dt>
          <dd>
            <Money value={remaining} currency={currency} />
          </dd>
        </div>
        <div>
          <dt>Limit</dt>
          <dd>
            <Money value={limit} currency={currency} />
          </dd>
        </div>
        <div>
          <dt>{period.end === null ? 'Ends' : 'By the end'}</dt>
          <dd>
            <Forecast status={status} />
          </dd>
        </div>
      </dl>
      <p class="muted small">
        {whenExceeded === 'refuse' ? 'Refuses reservations beyond the limit' : 'Warns beyond the limit'},
        warns from {percent(budget.warnAt)} on.
        {unpriced > 0 && ` The cost of ${unpriced} calls is not known, and not counted.`}
      </p>
      {isChanging && <ChangeLimit budget={budget} onClose={() => setChanging(false)} />}
    </li>
  )
}

function Forecast({ status }: { readonly status: BudgetStatus }) {
  const forecast = forecastOf(status, useNow())
  const { currency } = status.budget
  if (status.period.end === null) return <>never: it counts in total</>
  if (forecast === undefined) return <span class="muted">too early to say</span>
  return (
    <span title="If spending continues as it was in the period so far">
      about <Money value={forecast.amount} currency={currency} />
      {forecast.isBeyond && <strong class="bad"> beyond the limit</strong>}
      <span class="muted">
        {' '}
        (<Time at={status.period.end} />)
      </span>
    </span>
  )
}

function ChangeLimit({ budget, onClose }: { readonly budget: Budget; readonly onClose: () => void }) {
  // What was seen when the dialog was opened, whatever has changed since.
  const [{ name, limit, currency, version }] = useState(budget)
  const act = async (fields: FormData) => {
    await change({
      method: 'PATCH',
      path: `/budgets/${encodeURIComponent(name)}`,
      version,
      body: { limit: String(fields.get('limit')) },
    })
    await queries.invalidateQueries()
  }
  return (
    <Confirm
      title={`Limit of ${name}`}
      button="Change limit"
      done="The limit is changed"
      act={act}
      onClose={onClose}
    >
      <label>
        Limit in {currency}
        <input name="limit" value={limit} required inputMode="decimal" pattern="\d+(\.\d{1,9})?" />
      </label>
      <p class="muted">It may be less than what is spent: then nothing more can be reserved.</p>
    </Confirm>
  )
}
