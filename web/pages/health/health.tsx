// The database: whether it answers, its schema and drift, its size; the doctor and a preview of
// retention on request.

import { useRead } from '../../api/queries.ts'
import { mayOperate, useSession } from '../../api/session.ts'
import { PageFrame } from '../../parts/page.tsx'
import { Panel, Read } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { count } from '../../parts/words.ts'
import { Doctor } from './doctor.tsx'
import { Drift } from './drift.tsx'
import { RetentionPreview } from './retention.tsx'
import { Sizes } from './sizes.tsx'

export interface Status {
  readonly engine: string
  readonly version: string
  readonly health: { readonly ok: boolean; readonly latencyMs: number; readonly schemaVersion: number | null }
  readonly info: Readonly<Record<string, unknown>>
  readonly schema: {
    readonly current: number | null
    readonly latest: number
    readonly pending: readonly unknown[]
  }
}

const EVERY = 5_000

export default function Health() {
  const status = useRead<Status>('/status', { records: [], every: EVERY })
  const session = useSession()
  return (
    <PageFrame title="Health">
      <Read of={status} lines={4}>
        {(read) => <Facts status={read} />}
      </Read>
      <div class="columns">
        <Sizes />
        {mayOperate(session) && <Drift />}
        {mayOperate(session) && <RetentionPreview />}
      </div>
      {mayOperate(session) && <Doctor />}
    </PageFrame>
  )
}

function Facts({ status: { engine, version, health, info, schema } }: { readonly status: Status }) {
  const facts = Object.entries(info).filter(([, value]) => typeof value !== 'object')
  return (
    <Panel title="Database">
      <div class="body">
        <dl class="facts">
          <dt>State</dt>
          <dd>
            {health.ok ? (
              <State word="answers" sign="✓" tone="good" />
            ) : (
              <State word="away" sign="✗" tone="bad" />
            )}{' '}
            in {health.latencyMs.toFixed(1)} ms
          </dd>
          <dt>Engine</dt>
          <dd>{engine}</dd>
          <dt>Schema</dt>
          <dd>
            version {schema.current ?? 'none'} of {schema.latest}
            {schema.pending.length > 0 && (
              <>
                , <strong>{schema.pending.length} to apply</strong>: run <code>purser migrate</code>
              </>
            )}
          </dd>
          {facts.map(([name, value]) => (
            <>
              <dt key={name}>{labels[name] ?? name}</dt>
              <dd>{name === 'sizeBytes' ? bytes(Number(value)) : String(value)}</dd>
            </>
          ))}
          <dt>Purser</dt>
          <dd>{version}</dd>
        </dl>
      </div>
    </Panel>
  )
}

const labels: Readonly<Record<string, string>> = {
  serverVersion: 'Version of the engine',
  sizeBytes: 'Size',
  connections: 'Connections',
}

function bytes(value: number): string {
  if (value < 1_048_576) return `${count(Math.round(value / 1024))} KiB`
  return `${(value / 1_048_576).toFixed(1)} MiB`
}
