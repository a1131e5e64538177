// Names out of a store, for shells that complete them: as little is loaded as a look needs, and nothing is made, changed or waited for.

import type { EngineRequest } from './registry.ts'
import type { NameColumn } from './sqlite/file/glance.ts'

export type { NameColumn }

/**
 * The names in some columns that begin with a text, at most `limit` of each.
 * @throws whatever keeps them from being read: no such place, a lock, another schema
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

/** A round trip costs more there than the rows that it passes over. */
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
