// Where the schema of the database is not the declared one.

import type { SchemaDifference } from '../../../src/index.ts'
import { useRead } from '../../api/queries.ts'
import type { Items } from '../../api/records.ts'
import { Empty, Panel, Read } from '../../parts/panel.tsx'

export function Drift() {
  const drift = useRead<Items<SchemaDifference>>('/drift', { records: [] })
  return (
    <Panel title="Drift of the schema">
      <Read of={drift}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="None" then="The tables are as the migrations left them." />
          ) : (
            <ul class="rows">
              {items.map(({ table, column, kind, declared, live }) => (
                <li key={`${table} ${column} ${kind}`}>
                  <strong>{column === undefined ? table : `${table}.${column}`}</strong> {kind}
                  <p class="muted small">
                    declared {declared ?? 'nowhere'}, there is {live ?? 'none'}
                  </p>
                </li>
              ))}
            </ul>
          )
        }
      </Read>
    </Panel>
  )
}
