// Names from a store, for shell completion. Loads as little as a lookup needs, creates and changes
// nothing, and waits for nothing.

import type { EngineRequest } from './registry.ts'
import type { NameColumn } from './sqlite/file/glance.ts'

export type { NameColumn }

/**
 * The names in the given columns that start with a prefix, at most `limit` of each.
 * @throws whatever prevents reading: a missing database, a lock, another schema version
 */
export async function namesIn(
  request: Pick<EngineRequest, 'url' | 'tenant' | 'root'>,
  columns: readonly NameColumn[],
  start: string,
  limit: number,
): Promise<readonly string[]> {
  if (!/^sqlite:/i.test(request.url)) return namesOnServer(request, columns, start, limit)
  const [{ parseSqliteUrl }, { glance }] = await Promise.all([
    import('./sqlite/file/url.ts'),
    import('./sqlite/file/glance.ts'),
  ])
  return glance({ ...parseSqliteUrl(request), root: request.root }, columns, start, limit)
}

/**
 * Reads each column with one query: a round trip for each name would cost more than the rows it
 * would skip.
 */
async function namesOnServer(
  request: Pick<EngineRequest, 'url' | 'tenant' | 'root'>,
  columns: readonly NameColumn[],
  start: string,
  limit: number,
): Promise<readonly string[]> {
  const { createEngine } = await import('./registry.ts')
  const engine = createEngine({ ...request, mustExist: true })
  await engine.connect()
  try {
    const queries = columns.map(({ table, column }) =>
      engine.builder
        .selectFrom(table)
        .select(column)
        .distinct()
        .where(column, '>=', start)
        .where(column, '<', `${start}\u{10ffff}`)
        .orderBy(column)
        .limit(limit)
        .compile(),
    )
    const found = await Promise.all(
      queries.map(({ sql, parameters }) => engine.read({ sql, parameters: parameters as string[] })),
    )
    return found.flat().flatMap(([name]) => (typeof name === 'string' ? [name] : []))
  } finally {
    await engine.disconnect()
  }
}
