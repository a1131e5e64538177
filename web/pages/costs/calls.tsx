// The single calls that the filters find, the newest first.

import { Link } from 'wouter-preact'
import type { Query } from '../../api/client.ts'
import { usePages } from '../../api/queries.ts'
import type { CostRecord } from '../../api/records.ts'
import { costPath, TaskLink } from '../../parts/links.tsx'
import { Money } from '../../parts/money.tsx'
import { More } from '../../parts/more.tsx'
import { Empty, Failure, Panel, Waiting } from '../../parts/panel.tsx'
import { Time } from '../../parts/time.tsx'
import { compact, count } from '../../parts/words.ts'

export function Calls({ query }: { readonly query: Query }) {
  const { items, list } = usePages<CostRecord>('/costs', {
    query: { ...query, limit: 50 },
    records: ['cost_record'],
  })
  return (
    <Panel title="Calls, the newest first">
      {list.error && <Failure problem={list.error} again={() => void list.refetch()} />}
      {list.isPending && <Waiting />}
      {list.isSuccess && items.length === 0 && <Empty title="No call matches" />}
      {items.length > 0 && (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>When</th>
                <th>Model</th>
                <th>Agent</th>
                <th class="only-wide">Task</th>
                <th class="end only-wide">Input</th>
                <th class="end only-wide">Output</th>
                <th class="end">Cost</th>
              </tr>
            </thead>
            <tbody>
              {items.map((record) => (
                <tr key={record.id}>
                  <td class="fit">
                    <Link href={costPath(record.id)} data-row="">
                      <Time at={record.timestamp} />
                    </Link>
                  </td>
                  <td>{record.model}</td>
                  <td>{record.agentId}</td>
                  <td class="only-wide">{record.taskId !== null && <TaskLink id={record.taskId} />}</td>
                  <td class="end only-wide" title={count(record.inputTokens)}>
                    {compact(record.inputTokens)}
                  </td>
                  <td class="end only-wide" title={count(record.outputTokens)}>
                    {compact(record.outputTokens)}
                  </td>
                  <td class="end">
                    <Money value={record.cost} currency={record.currency} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More list={list} />
    </Panel>
  )
}
