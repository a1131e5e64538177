// What can be claimed now, in the order in which claims take it.

import type { Query } from '../../api/client.ts'
import { TaskRows } from './task-rows.tsx'

export function Ready({ query }: { readonly query: Query }) {
  return (
    <TaskRows
      title="Ready, in the order in which claims take them"
      path="/tasks/ready"
      query={query}
      empty="Nothing is ready"
      then="A task is ready once all that it depends on is completed, and no delay is left."
    />
  )
}
