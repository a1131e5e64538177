// The first page: what is going on, what it costs, what needs a person.

import { PageFrame } from '../../parts/page.tsx'
import { AgentsPanel } from './agents.tsx'
import { BudgetsPanel } from './budgets.tsx'
import { Figures } from './figures.tsx'
import { NewestPanel } from './newest.tsx'
import { PlansPanel } from './plans.tsx'
import { SpendPanel } from './spend.tsx'
import { TasksPanel } from './tasks.tsx'
import { WaitingPanel } from './waiting.tsx'

export function Overview() {
  return (
    <PageFrame title="Overview">
      <Figures />
      <div class="overview">
        <div class="stack">
          <SpendPanel />
          <PlansPanel />
          <NewestPanel />
        </div>
        <div class="stack">
          <WaitingPanel />
          <BudgetsPanel />
          <TasksPanel />
          <AgentsPanel />
        </div>
      </div>
    </PageFrame>
  )
}
