// Recomputes the hash chain row by row, in the order of the numbers, and names the first entry that is not as it was written.
// It reads through a function, so that it knows neither engine nor statement.

import type { Row } from '../../engines/contract/engine.ts'
import { CorruptRecordError, InvalidRecordError } from '../../errors.ts'
import type { AuditCut } from '../audit-cuts/definition.ts'
import type { RecordCodec } from '../model/record-codec.ts'
import { GENESIS_HASH, hashOf } from './chain.ts'
import { isConfirmed } from './cuts.ts'
import { type AuditEntry, type AuditFields, auditEntryDefinition } from './definition.ts'

/** The end of a chain: the last entry's number and hash. */
export interface AuditHead {
  readonly sequence: number
  readonly hash: string
}

export interface VerifyOptions {
  /** The first number to check; 1 by default. */
  readonly from?: number | undefined
  /** The last number to check; the end of the chain by default. */
  readonly to?: number | undefined
  /** A head that was kept elsewhere, or its hash: it has to be in the chain still. */
  readonly expectedHead?: AuditHead | string | undefined
}

/**
 * What is wrong with the first bad entry: it is not there (`missing`), it stands where another should (`misplaced`), its fields do not
 * give its hash (`changed`), it does not follow from the one before it (`unlinked`), it cannot be read (`unreadable`), or the chain ends
 * before the expected head (`cut`). Of a trail whose beginning was removed on purpose: no entry confirms the newest cut (`forged`), or the
 * expected head lies before it, so that it cannot be looked for any more (`pruned`).
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
  /** Where the checked part ends, as it stands in the database; null when there is no entry. */
  readonly head: AuditHead | null
  /** The last entry that was removed on purpose, from which the first one that is left follows; null when there was no cut. */
  readonly cut: AuditHead | null
}

/** @throws InvalidRecordError unless it is a hash, or a head */
export function parseHead(expected: AuditHead | string): { sequence: number | undefined; hash: string } {
  const head = typeof expected === 'string' ? { sequence: undefined, hash: expected } : expected
  const numbered = head?.sequence === undefined || (Number.isSafeInteger(head.sequence) && head.sequence > 0)
  const hash: unknown = head?.hash
  if (numbered && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash))
    return { sequence: head.sequence, hash }
  const message = 'must be a head as audit.head() gives it, or its hash: 64 hexadecimal digits'
  throw new InvalidRecordError('verify', [{ path: ['expectedHead'], code: 'head', message }])
}

interface Source {
  readonly codec: RecordCodec<AuditFields>
  /** The stored text of JSON columns can be compared with the canonical one. */
  readonly exactJson: boolean
  /** Rows with a greater number, in the order of their numbers. */
  rowsAfter(sequence: number, limit: number): Promise<readonly Row[]>
  /** Where the trail was cut, the newest first. */
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
  // Entries that were to go with the newest cut and have not gone yet are checked like all others.
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
  // The entry before the range is read for its hash, and the expected head wherever it stands.
  const first = Math.max(begin, Math.min(from - 1, expected ? (expected.sequence ?? begin) : from))
  let position = first - 1
  // No entry was ever written before the first: what stands there was put there.
  let after = position === 0 ? Number.MIN_SAFE_INTEGER : position
  for (;;) {
    const rows = await source.rowsAfter(after, limit)
    for (const row of rows) {
      // What lies behind the range is looked at only to find the expected head.
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
    // Long chains leave the event loop to others between two reads.
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (to !== undefined && to >= begin && position < to) return bad(Math.max(position + 1, from), 'missing')
  if (!seen) return bad(Math.max(position + 1, from), 'cut')
  return done(checked, last)
}

function isAt({ sequence, hash }: NonNullable<Range['expected']>, cut: AuditCut): boolean {
  return (sequence === undefined || sequence === cut.sequence) && hash === cut.hash
}

/** The number of the first entry that is there; infinite when none is. */
async function firstNumber(source: Source): Promise<number> {
  const [row] = await source.rowsAfter(Number.MIN_SAFE_INTEGER, 1)
  const number = row && source.codec.decodeField('sequence', row[sequenceIndex] ?? null)
  return typeof number === 'number' ? number : Number.POSITIVE_INFINITY
}

const sequenceIndex = auditEntryDefinition.columns.findIndex(({ field }) => field === 'sequence')

function done(checked: number, head: AuditHead | null) {
  return { ok: true, checked, firstBad: null, problem: null, head }
}

/** Null when a column cannot be read, or does not hold exactly what Purser writes for its value. */
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
