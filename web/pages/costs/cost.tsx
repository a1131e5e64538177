// One model call with everything that was recorded of it.

import { Link } from 'wouter-preact'
import { useRead } from '../../api/queries.ts'
import type { CostRecord } from '../../api/records.ts'
import { Money } from '../../parts/money.tsx'
import { NamedPlan, NamedTask } from '../../parts/named.tsx'
import { PageFrame } from '../../parts/page.tsx'
import { Panel, Read } from '../../parts/panel.tsx'
import { absoluteTime } from '../../parts/time.tsx'
import { count } from '../../parts/words.ts'

export default function CostPage({ id }: { readonly id: string }) {
  const cost = useRead<CostRecord>(`/costs/${encodeURIComponent(id)}`, { records: ['cost_record'] })
  return (
    <PageFrame title="Model call" crumbs={<Link href="/costs">Costs</Link>}>
      <Read of={cost} lines={8}>
        {(record) => (
          <Panel title={`${record.model} for ${record.agentId}`}>
            <div class="body stack">
              <dl class="facts">
                {factsOf(record).map(([name, value]) => (
                  <>
                    <dt key={name}>{name}</dt>
                    <dd>{value}</dd>
                  </>
                ))}
              </dl>
              {Object.keys(record.metadata).length > 0 && (
                <pre class="json">{JSON.stringify(record.metadata, null, 2)}</pre>
              )}
            </div>
          </Panel>
        )}
      </Read>
    </PageFrame>
  )
}

function factsOf(record: CostRecord) {
  const { taskId, planId } = record
  const facts = [
    ['Cost', <Money key="cost" value={record.cost} currency={record.currency} exact />],
    [
      'Known as',
      record.priceSource === null ? record.costStatus : `${record.costStatus} from ${record.priceSource}`,
    ],
    ['When', absoluteTime(record.timestamp)],
    ['Provider', record.biller === null ? record.provider : `${record.provider}, billed by ${record.biller}`],
    ['Task', taskId === null ? null : <NamedTask key="task" id={taskId} />],
    ['Plan', planId === null ? null : <NamedPlan key="plan" id={planId} />],
    ['Project', record.project],
    ['Session', record.sessionId],
    ['Input tokens', count(record.inputTokens)],
    ['Output tokens', `${count(record.outputTokens)}, of them reasoning ${count(record.reasoningTokens)}`],
    ['Read from cache', count(record.cacheReadTokens)],
    ['Written to cache', count(record.cacheWriteTokens)],
    ['Category', record.callCategory],
    ['Latency', record.latencyMs === null ? null : `${count(record.latencyMs)} ms`],
    ['Succeeded', record.success === null ? null : record.success ? 'yes' : 'no'],
    ['Ended by', record.finishReason],
    ['Recorded by', record.source],
    [
      'Id',
      <span key="id" class="mono">
        {record.id}
      </span>,
    ],
  ] as const
  return facts.filter(([, value]) => value !== null)
}
