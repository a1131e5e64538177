// What writers say of their writes, a line of JSON each, before they do anything else: appended to
// a file of their own, which is there whole whatever happens to them.

import { existsSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Store } from '../../../src/index.ts'

/** Kinds of records, and the repositories that have them. */
export const repositoryOf = {
  task: 'tasks',
  message: 'messages',
  cost: 'costRecords',
  entry: 'audit',
  plan: 'plans',
  action: 'actions',
  profile: 'automationProfiles',
} as const satisfies Record<string, keyof Store>

export type Kind = keyof typeof repositoryOf
export type Part = readonly [kind: Kind, id: string]

export type Note =
  /** Was acknowledged, with what was given back. */
  | { readonly is: 'stored'; readonly kind: Kind; readonly id: string; readonly record: unknown }
  /** Is about to be written, all or none. */
  | { readonly is: 'together'; readonly parts: readonly Part[] }
  /** Was written in a transaction that threw. */
  | { readonly is: 'undone'; readonly parts: readonly Part[] }
  /** Is about to be removed, from here on with or without an acknowledgement. */
  | { readonly is: 'leaving'; readonly kind: Kind; readonly id: string }
  | { readonly is: 'removed'; readonly kind: Kind; readonly id: string }
  /** Plans that are cancelled together, or not. */
  | { readonly is: 'tree'; readonly ids: readonly string[] }
  | { readonly is: 'cancelled'; readonly ids: readonly string[] }
  | { readonly is: 'head'; readonly sequence: number; readonly hash: string }

/** Opens a journal for a writer. */
export function openJournal(path: string): (note: Note) => void {
  const file = openSync(path, 'a')
  return (note) => void writeSync(file, `${JSON.stringify(note)}\n`)
}

/** The whole lines of a journal; none when its writer died before it began. */
export function readJournal(path: string): readonly Note[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Note)
}
