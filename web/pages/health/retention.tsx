// What a prune of records of a given age would remove; nothing is removed here.

import type { RetentionPreview as StoredPreview } from '../../../src/index.ts'
import { useRead } from '../../api/queries.ts'
import type { Items, Json } from '../../api/records.ts'
import { Choice } from '../../parts/fields.tsx'
import { Panel, Read } from '../../parts/panel.tsx'
import { useParam } from '../../parts/params.ts'
import { count } from '../../parts/words.ts'

type Preview = Json<StoredPreview>

const ages = ['30d', '90d', '180d', '1y', '2y']

export function RetentionPreview() {
  const [age, setAge] = useParam('age', '90d')
  const preview = useRead<Items<Preview>>('/retention', {
    query: { messages: age, costs: age, audit: age },
    records: ['message', 'cost_record', 'audit_entry'],
  })
  return (
    <Panel
      title="What a prune would remove"
      beside={
        <div class="filters">
          <Choice label="Older than" value={age} options={ages} onChange={setAge} />
        </div>
      }
    >
      <Read of={preview}>
        {({ items }) => (
          <>
            <table>
              <tbody>
                {items.map(({ kind, rows }) => (
                  <tr key={kind}>
                    <th scope="row">{kind}</th>
                    <td class="end">{count(rows)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <p class="body muted small">
              Nothing is removed here. <code>purser prune --help</code> says how.
            </p>
          </>
        )}
      </Read>
    </Panel>
  )
}
