// Which page belongs to which address. Every page but the overview is loaded when it is opened.

import { lazy, Suspense } from 'preact/compat'
import { Route, Switch } from 'wouter-preact'
import { Overview } from './pages/overview/overview.tsx'
import { Empty, Waiting } from './parts/panel.tsx'
import { Shell } from './shell/shell.tsx'

const Plans = lazy(() => import('./pages/plans/plans.tsx'))
const PlanPage = lazy(() => import('./pages/plans/plan.tsx'))
const Tasks = lazy(() => import('./pages/tasks/tasks.tsx'))
const TaskPage = lazy(() => import('./pages/tasks/task.tsx'))
const Costs = lazy(() => import('./pages/costs/costs.tsx'))
const CostPage = lazy(() => import('./pages/costs/cost.tsx'))
const Messages = lazy(() => import('./pages/messages/messages.tsx'))
const Approvals = lazy(() => import('./pages/approvals/approvals.tsx'))
const Budgets = lazy(() => import('./pages/budgets/budgets.tsx'))
const Audit = lazy(() => import('./pages/audit/audit.tsx'))
const AuditEntryPage = lazy(() => import('./pages/audit/entry.tsx'))
const Health = lazy(() => import('./pages/health/health.tsx'))
const SearchPage = lazy(() => import('./pages/search/search.tsx'))

export function App() {
  return (
    <Shell>
      <Suspense fallback={<Waiting lines={6} />}>
        <Switch>
          <Route path="/" component={Overview} />
          <Route path="/plans" component={Plans} />
          <Route path="/plans/:id">{({ id }) => <PlanPage key={id} id={decodeURIComponent(id)} />}</Route>
          <Route path="/tasks" component={Tasks} />
          <Route path="/tasks/:id">{({ id }) => <TaskPage key={id} id={decodeURIComponent(id)} />}</Route>
          <Route path="/costs" component={Costs} />
          <Route path="/costs/records/:id">
            {({ id }) => <CostPage key={id} id={decodeURIComponent(id)} />}
          </Route>
          <Route path="/messages" component={Messages} />
          <Route path="/approvals" component={Approvals} />
          <Route path="/budgets" component={Budgets} />
          <Route path="/audit" component={Audit} />
          <Route path="/audit/:id">
            {({ id }) => <AuditEntryPage key={id} id={decodeURIComponent(id)} />}
          </Route>
          <Route path="/health" component={Health} />
          <Route path="/search" component={SearchPage} />
          <Route>
            <Empty title="There is no such page" then="Choose one at the side." />
          </Route>
        </Switch>
      </Suspense>
    </Shell>
  )
}
