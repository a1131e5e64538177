// How many records of each kind there are.

import { useRead } from '../../api/queries.ts'
import { Panel } from '../../parts/panel.tsx'
import { count } from '../../parts/words.ts'

const kinds = [
  ['plans', 'plan'],
  ['tasks', 'task'],
  ['costs', 'cost_record'],
  ['messages', 'message'],
  ['audit', 'audit_entry'],
  ['approvals', 'approval'],
  ['budgets', 'budget'],
  ['agents', 'agent'],
] as const

export function Sizes() {
  return (
    <Panel title="Records">
      <table>
        <tbody>
          {kinds.map(([resource, record]) => (
            <Size key={resource} resource={resource} record={record} />
          ))}
        </tbody>
      </table>
    </Panel>
  )
}

function Size({ resource, record }: { resource: string; record: (typeof kinds)[number][1] }) {
  const answer = useRead<{ readonly count: number }>(`/${resource}/count`, { records: [record] })
  return (
    <tr>
      <th scope="row">{resource}</th>
      <td class="end">{answer.data ? count(answer.data.count) : answer.error ? '–' : '…'}</td>
    </tr>
  )
}
