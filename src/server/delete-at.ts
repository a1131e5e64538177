// Deletes a record at the version that `If-Match` names, or at any with `*`.

import { VersionConflictError } from '../errors.ts'
import type { ActingStore } from '../store/store.ts'
import { isAnyVersion, versionIn } from './requests/entity-tag.ts'
import type { RecordRoute } from './routes/record-routes.ts'

interface Deleting {
  get(id: unknown): Promise<{ readonly version?: number } | null>
  delete(...taken: readonly unknown[]): Promise<unknown>
}

/** @returns whether it existed @throws VersionConflictError, RequestError without a version */
export async function deleteAt(
  store: ActingStore,
  { entry, needsVersion }: RecordRoute,
  taken: readonly unknown[],
  headers: Headers,
): Promise<boolean> {
  const within = (source: object) =>
    (source as Readonly<Record<string, Deleting>>)[entry.property] as Deleting
  if (!needsVersion || isAnyVersion(headers)) return isGone(await within(store).delete(...taken))
  const expected = versionIn(headers)
  return store.transaction(async (tx) => {
    const repository = within(tx)
    const current = await repository.get(taken[0])
    if (current === null) return false
    const { version } = current
    if (version !== undefined && version !== expected) {
      throw new VersionConflictError(entry.definition.shape.table, String(taken[0]), expected, version)
    }
    return isGone(await repository.delete(...taken))
  })
}

/** Verbs say whether there was one, or how many. */
function isGone(result: unknown): boolean {
  return result !== false && result !== 0
}
