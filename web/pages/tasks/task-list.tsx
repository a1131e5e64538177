// Every task that the filters find, by status if one is chosen.

import { taskStatuses } from '../../../src/records/tasks/enums.ts'
import type { Query } from '../../api/client.ts'
import { Choice } from '../../parts/fields.tsx'
import { useParam } from '../../parts/params.ts'
import { TaskRows } from './task-rows.tsx'

export function TaskList({ query }: { readonly query: Query }) {
  const [status, setStatus] = useParam('status')
  const [order, setOrder] = useParam('order', 'desc')
  return (
    <>
      <div class="filters">
        <Choice label="Status" any="any" value={status} options={taskStatuses} onChange={setStatus} />
        <Choice
          label="Order"
          value={order === 'asc' ? 'oldest first' : 'newest first'}
          options={['newest first', 'oldest first']}
          onChange={(chosen) => setOrder(chosen === 'oldest first' ? 'asc' : 'desc')}
        />
      </div>
      <TaskRows
        title="Tasks"
        query={{ ...query, status, order }}
        empty="No task matches"
        then="Take away a filter to see more."
      />
    </>
  )
}
