// Whether the search index has every message and nothing else. A search first indexes what was
// written since the last one, so messages still queued for that are not missing.

import type { Query, Row } from '../engines/contract/engine.ts'
import { messageDefinition } from '../records/messages/definition.ts'
import { searchTokens } from '../records/repository/search-tokens.ts'
import type { RecordSession } from '../records/repository/session.ts'
import { type Check, counted, failing, passing } from './check.ts'

const PAGE = 500

type Source = Pick<RecordSession, 'engine'> & { read(query: Query): Promise<readonly Row[]> }

export interface SearchIndexFaults {
  /** Records with words that are neither in the index nor queued for it. */
  readonly missing: number
  /** Entries of deleted records. */
  readonly stale: number
}

/**
 * Counts the rows missing from a table's search index, and the index entries without a row. Reads
 * the whole table in pages; zero for a table without an index.
 */
export async function searchIndexFaults({ engine, read }: Source, table: string): Promise<SearchIndexFaults> {
  const spec = messageDefinition.layouts.find(({ fullText }) => fullText?.table === table)?.fullText
  if (!spec) return { missing: 0, stale: 0 }
  let missing = 0
  let last = '0'
  for (;;) {
    const { sql, parameters } = engine.builder
      .selectFrom(table)
      .select([spec.serial, spec.column])
      .where(spec.serial, '>', last)
      .orderBy(spec.serial)
      .limit(PAGE)
      .compile()
    const rows = await read({ sql, parameters: parameters as Query['parameters'] })
    const indexed = rows
      .filter(([, text]) => searchTokens(String(text ?? '')).length > 0)
      .map(([serial]) => String(serial))
    if (indexed.length > 0) {
      const [row] = await read(engine.fullText.absent(table, indexed))
      missing += Number(row?.[0] ?? 0)
    }
    last = String(rows.at(-1)?.[0] ?? last)
    if (rows.length < PAGE) break
    await new Promise((resolve) => setImmediate(resolve))
  }
  const [row] = await read(engine.fullText.stale(table))
  return { missing, stale: Number(row?.[0] ?? 0) }
}

export const searchIndexCheck: Check = {
  name: 'search index',
  needsCurrentSchema: true,
  run: async (patient) => {
    const { missing, stale } = await searchIndexFaults(patient, messageDefinition.shape.table)
    if (missing + stale === 0) return passing('a search finds every message')
    const parts = [
      ...(missing > 0 ? [`${counted(missing, 'message')} ${missing === 1 ? 'is' : 'are'} not in it`] : []),
      ...(stale > 0 ? [`${counted(stale, 'entry', 'entries')} of messages that are gone`] : []),
    ]
    return failing(parts.join('; '), missing + stale, 'run purser doctor --fix, which makes the index anew')
  },
}
