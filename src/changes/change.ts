// What the feed of changes tells: the changes of one commit, and their compact form in a row of the
// feed, `[["task","c","01J…",1], …]`.

import type { recordNames } from '../records/names.ts'

/** The records that the feed covers: those that callers read and write. */
export type ChangedRecord = Extract<(typeof recordNames)[number], { readonly property: string }>['type']

/** What happened to a record. */
export type ChangeOperation = 'created' | 'updated' | 'deleted'

/** One record that a commit changed. */
export interface RecordChange {
  /** The kind of record: `task`, `cost_record`, `audit_entry`. */
  readonly record: ChangedRecord
  readonly id: string
  readonly op: ChangeOperation
  /** The version that the commit gave it, for records that have versions; absent once deleted. */
  readonly version?: number
}

/**
 * What one commit changed in the name of one actor, in the order of its writes. A commit of several
 * actors, or of more than 1,000 changes, is reported in several, one right after the other.
 */
export interface CommittedChanges {
  /** Where to read on from: opaque, and bound to this database. */
  readonly position: string
  /** When they were written, by the database's clock. */
  readonly at: Date
  readonly actor: string
  readonly changes: readonly RecordChange[]
}

/** The most changes of one row. */
export const MAX_CHANGES = 1000

const letters: Readonly<Record<ChangeOperation, string>> = { created: 'c', updated: 'u', deleted: 'd' }
const operations: Readonly<Record<string, ChangeOperation>> = { c: 'created', u: 'updated', d: 'deleted' }

/** One change as text. @param version `undefined` for a record without versions */
export function encodeChange(
  record: string,
  op: ChangeOperation,
  id: string,
  version: string | undefined,
): string {
  const head = `["${record}","${letters[op]}",${JSON.stringify(id)}`
  return version === undefined ? `${head}]` : `${head},${version}]`
}

/**
 * The changes of a row. Text that no build of Purser writes is skipped: whoever wrote it has to
 * answer for it, and a follower must not stop there for good.
 */
export function decodeChanges(text: string): readonly RecordChange[] {
  const entries = parse(text)
  if (!Array.isArray(entries)) return []
  return entries.flatMap((entry: unknown) => {
    if (!Array.isArray(entry)) return []
    const [record, letter, id, version] = entry as unknown[]
    const op = operations[String(letter)]
    if (typeof record !== 'string' || typeof id !== 'string' || op === undefined) return []
    const change = { record: record as ChangedRecord, id, op }
    return [Object.freeze(typeof version === 'number' ? { ...change, version } : change)]
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
