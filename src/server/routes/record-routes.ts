// The routes of records, derived from the registry and from what their repositories' methods take.
// A new record, and a new verb of one, has its route without a line here. Which verbs only read is
// in verbs.ts, who may call them in access/roles.ts.

import type { RecordEntry } from '../../records/entry.ts'
import { records } from '../../records/registry.ts'
import { type ArgumentForm, signaturesOf } from '../../records/repository/arguments.ts'
import { kebab } from './kebab.ts'
import { isRead, methodOf, pathOf } from './verbs.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** A verb of a record's repository, as a route. */
export interface RecordRoute {
  readonly method: Method
  /** Below `/v1`, with `{id}` for the record's key: `/tasks/{id}/claim`. */
  readonly path: string
  /** The record's name in paths: `parked-runs`. */
  readonly resource: string
  /** The method of the repository. */
  readonly verb: string
  readonly entry: RecordEntry
  /** What the method takes; the first is the record's key if the path has `{id}`. */
  readonly takes: readonly ArgumentForm[]
  readonly hasId: boolean
  /** Changes nothing. */
  readonly isRead: boolean
  /** The change is based on a version: the request needs `If-Match`. */
  readonly needsVersion: boolean
}

/** The records that have routes, in the order of the registry. */
export const exposed: readonly RecordEntry[] = records.flatMap((entry): readonly RecordEntry[] =>
  entry.property === null ? [] : [entry as unknown as RecordEntry],
)

/** Methods of every repository that serve programs in the same process only. */
const unexposed: ReadonlySet<string> = new Set(['each', 'getMany', 'idsFrom', 'save', 'authenticate'])

/**
 * The name of a record in paths: of its property, or of its short name if the property is longer.
 */
export function resourceOf({ property, aliases = [] }: Pick<RecordEntry, 'property' | 'aliases'>): string {
  const [alias] = aliases
  if (alias === undefined || alias === property) return kebab(property)
  return `${kebab(alias)}s`
}

/** Routes of a record. Those with a fixed path come before those with `{id}` in the same place. */
export function routesOf(entry: RecordEntry): readonly RecordRoute[] {
  const resource = resourceOf(entry)
  const key = entry.definition.key.field
  const isVersioned = 'version' in entry.definition.fields
  const routes = [...signaturesOf(entry.repository)].flatMap(([verb, takes]): readonly RecordRoute[] => {
    if (unexposed.has(verb)) return []
    const [first] = takes
    const hasId = first?.kind === 'text' && (verb === 'get' || first.name === key)
    return [
      {
        method: methodOf(verb),
        path: `/${resource}${hasId ? '/{id}' : ''}${pathOf(verb)}`,
        resource,
        verb,
        entry,
        takes,
        hasId,
        isRead: isRead(verb),
        needsVersion: takes.some(({ kind }) => kind === 'base') || (verb === 'delete' && isVersioned),
      },
    ]
  })
  return routes.sort((a, b) => Number(a.hasId) - Number(b.hasId))
}

/** The routes of every record. */
export const recordRoutes: readonly RecordRoute[] = exposed.flatMap(routesOf)
