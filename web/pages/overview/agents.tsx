// Who works, and when each was last heard of.

import { Link } from 'wouter-preact'
import { useRead } from '../../api/queries.ts'
import type { Agent, Page } from '../../api/records.ts'
import { Empty, Panel, Read } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { Time } from '../../parts/time.tsx'

const signs = { active: ['●', 'good'], idle: ['◔', 'calm'], stopped: ['○', 'calm'] } as const
const SHOWN = 8

export function AgentsPanel() {
  const agents = useRead<Page<Agent>>('/agents', {
    query: { limit: 1000 },
    records: ['agent'],
    every: 15_000,
  })
  return (
    <Panel title="Agents">
      <Read of={agents}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty
              title="No agent has been heard of"
              then="Agents appear when they claim tasks, or say that they are alive."
            />
          ) : (
            <ul class="rows">
              {[...items]
                .sort((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt))
                .slice(0, SHOWN)
                .map(({ id, displayName, role, status, lastSeenAt }) => (
                  <li key={id} class="line">
                    <State word={status} sign={signs[status][0]} tone={signs[status][1]} />
                    <span class="grow clip">
                      <Link href={`/tasks?view=list&assignedTo=${encodeURIComponent(id)}`} data-row="">
                        {displayName ?? id}
                      </Link>{' '}
                      <span class="muted">{role}</span>
                    </span>
                    <span class="muted small">
                      <Time at={lastSeenAt} />
                    </span>
                  </li>
                ))}
            </ul>
          )
        }
      </Read>
    </Panel>
  )
}
