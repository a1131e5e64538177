// Recomputes the hash chain row by row, in numeric order, and names the first entry that is not as
// it was written. It reads through a function, so it depends on neither engine nor statements.

import type { Row } from '../../engines/contract/engine.ts'
import { CorruptRecordError, InvalidRecordError } from '../../errors.ts'
import type { AuditCut } from '../audit-cuts/definition.ts'
import type { RecordCodec } from '../model/record-codec.ts'
import { GENESIS_HASH, hashOf } from './chain.ts'
import { isConfirmed } from './cuts.ts'
import { type AuditEntry, type AuditFields, auditEntryDefinition } from './definition.ts'

/** The end of a chain: the number and hash of the last entry. */
export interface AuditHead {
  readonly sequence: number
  readonly hash: string
}

export interface VerifyOptions {
  /** The first number to check; 1 by default. */
  readonly from?: number | undefined
  /** The last number to check; the end of the chain by default. */
  readonly to?: number | undefined
  /** A head that was kept elsewhere, or its hash: the chain must still contain it. */
  readonly expectedHead?: AuditHead | string | undefined
}

/**
 * What is wrong with the first bad entry: it does not exist (`missing`), it is in the place of
 * another (`misplaced`), its fields do not give its hash (`changed`), it does not follow from the
 * previous entry (`unlinked`), it cannot be read (`unreadable`), or the chain ends before the
 * expected head (`cut`). For a trail whose beginning was removed deliberately: no entry confirms
 * the newest cut (`forged`), or the expected head precedes it and can no longer be looked up
 * (`pruned`).
 */
export type AuditProblem =
  | 'missing'
  | 'misplaced'
  | 'changed'
  | 'unlinked'
  | 'unreadable'
  | 'cut'
  | 'forged'
  | 'pruned'

export interface AuditVerification {
  readonly ok: boolean
  /** How many entries were recomputed. */
  readonly checked: number
  /** The number of the first entry that is not as it was written. */
  readonly firstBad: number | null
  readonly problem: AuditProblem | null
  /** The end of the checked part, as stored in the database; null if there are no entries. */
  readonly head: AuditHead | null
  /**
   * The last entry that was removed deliberately, which the first remaining one follows; null if
   * there was no cut.
   */
  readonly cut: AuditHead | null
}

/** @throws InvalidRecordError unless it is a hash, or a head */
export function parseHead(expected: AuditHead | string): { sequence: number | undefined; hash: string } {
  const { sequence, hash } =
    typeof expected === 'string' ? { sequence: undefined, hash: expected } : read(expected)
  const isNumbered = sequence === undefined || (Number.isSafeInteger(sequence) && Number(sequence) > 0)
  if (isNumbered && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash)) {
    return { sequence: sequence === undefined ? undefined : Number(sequence), hash }
  }
  const message = 'must be a head as audit.head() gives it, or its hash: 64 hexadecimal digits'
  throw new InvalidRecordError('verify', [{ path: ['expectedHead'], code: 'head', message }])
}

/** Each property once, because a caller's object may throw, or answer differently the next time. */
function read(given: unknown): { readonly sequence: unknown; readonly hash: unknown } {
  try {
    const { sequence, hash } = given as AuditHead
    return { sequence, hash }
  } catch {
    return { sequence: undefined, hash: undefined }
  }
}

interface Source {
  readonly codec: RecordCodec<AuditFields>
  /** Makes the stored text of JSON columns comparable with the canonical text. */
  readonly exactJson: boolean
  /** Rows with a greater number, in numeric order. */
  rowsAfter(sequence: number, limit: number): Promise<readonly Row[]>
  /** Where the trail was cut, newest first. */
  cuts(): Promise<readonly AuditCut[]>
  /** Entries about a cut, as rows. */
  rowsAbout(cut: AuditCut): Promise<readonly Row[]>
}

interface Range {
  readonly from: number
  readonly to: number | undefined
  readonly expected: { readonly sequence: number | undefined; readonly hash: string } | undefined
  readonly rows: number
}

/** Verifies a range of the chain, and that its newest cut is confirmed by an entry. */
export async function verifyRows(source: Source, range: Range): Promise<AuditVerification> {
  const cuts = await source.cuts()
  const [cut] = cuts
  const result = await verifyChain(source, cuts, range)
  if (!cut) return { ...result, cut: null }
  const { sequence, hash } = cut
  if (!result.ok) return { ...result, cut: { sequence, hash } }
  const about = (await source.rowsAbout(cut)).flatMap((row) => readEntry(source, row) ?? [])
  if (isConfirmed(cut, about)) return { ...result, cut: { sequence, hash } }
  return { ...result, ok: false, firstBad: sequence, problem: 'forged', cut: { sequence, hash } }
}

async function verifyChain(
  source: Source,
  cuts: readonly AuditCut[],
  { from: asked, to, expected, rows: limit }: Range,
): Promise<Omit<AuditVerification, 'cut'>> {
  const [cut] = cuts
  // Entries that the newest cut covers but that are not deleted yet are checked like all others.
  const begin = cut ? Math.min(cut.sequence + 1, Math.max(1, await firstNumber(source))) : 1
  const from = Math.max(asked, begin)
  let last: AuditHead | null = cut && begin > cut.sequence ? { sequence: cut.sequence, hash: cut.hash } : null
  let checked = 0
  let seen = expected === undefined || cuts.some((each) => isAt(expected, each))
  const bad = (firstBad: number, problem: AuditProblem) => ({
    ok: false,
    checked,
    firstBad,
    problem,
    head: last,
  })
  if (expected?.sequence !== undefined && !seen && expected.sequence < begin)
    return bad(
      expected.sequence,
      cuts.some(({ sequence }) => sequence === expected.sequence) ? 'changed' : 'pruned',
    )
  if (to !== undefined && to < begin && seen) return done(0, null)
  // The entry before the range is read for its hash, and the expected head wherever it is.
  const first = Math.max(begin, Math.min(from - 1, expected ? (expected.sequence ?? begin) : from))
  let position = first - 1
  // No entry was ever written before the first: any row there was planted.
  let after = position === 0 ? Number.MIN_SAFE_INTEGER : position
  for (;;) {
    const rows = await source.rowsAfter(after, limit)
    for (const row of rows) {
      // Entries behind the range are read only to find the expected head.
      if (position === to && seen) return done(checked, last)
      const next = position + 1
      const entry = readEntry(source, row)
      if (entry === null) return bad(next, 'unreadable')
      if (entry.sequence > next) return bad(next, 'missing')
      if (entry.sequence < next) return bad(entry.sequence, 'misplaced')
      position = next
      const withinRange = next >= from && (to === undefined || next <= to)
      if (withinRange) {
        const problem = faultOf(entry, next === 1 ? GENESIS_HASH : (last?.hash ?? entry.previousHash))
        if (problem) return bad(next, problem)
        checked += 1
      }
      if (next === cut?.sequence && entry.hash !== cut.hash) return bad(next, 'changed')
      if (expected && (expected.sequence === undefined || expected.sequence === next))
        seen ||= entry.hash === expected.hash
      if (expected?.sequence === next && entry.hash !== expected.hash) return bad(next, 'changed')
      if (to === undefined || next <= to) last = { sequence: next, hash: entry.hash }
    }
    if (rows.length < limit) break
    after = position
    // Long chains yield to the event loop between two reads.
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (to !== undefined && to >= begin && position < to) return bad(Math.max(position + 1, from), 'missing')
  if (!seen) return bad(Math.max(position + 1, from), 'cut')
  return done(checked, last)
}

function isAt({ sequence, hash }: NonNullable<Range['expected']>, cut: AuditCut): boolean {
  return (sequence === undefined || sequence === cut.sequence) && hash === cut.hash
}

/** The number of the first entry that exists; infinite if there is none. */
async function firstNumber(source: Source): Promise<number> {
  const [row] = await source.rowsAfter(Number.MIN_SAFE_INTEGER, 1)
  const number = row && source.codec.decodeField('sequence', row[sequenceIndex] ?? null)
  return typeof number === 'number' ? number : Number.POSITIVE_INFINITY
}

const sequenceIndex = auditEntryDefinition.columns.findIndex(({ field }) => field === 'sequence')

function done(checked: number, head: AuditHead | null) {
  return { ok: true, checked, firstBad: null, problem: null, head }
}

/** Null if a column cannot be read, or does not hold exactly what Purser writes for its value. */
function readEntry({ codec, exactJson }: Source, row: Row): AuditEntry | null {
  let entry: AuditEntry
  try {
    entry = codec.decode(row)
  } catch (error) {
    if (error instanceof CorruptRecordError) return null
    throw error
  }
  if (entry.unreadable.length > 0) return null
  if (!exactJson) return entry
  const rewritten = codec.encode(entry)
  const same = auditEntryDefinition.columns.every(
    ({ spec }, index) => !spec.json || rewritten[index] === row[index],
  )
  return same ? entry : null
}

function faultOf(entry: AuditEntry, previousHash: string): AuditProblem | undefined {
  if (entry.previousHash !== previousHash) return hashOf(entry) === entry.hash ? 'unlinked' : 'changed'
  return hashOf(entry) === entry.hash ? undefined : 'changed'
}
