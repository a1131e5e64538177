// Cuts off the beginning of the trail. One transaction records the cut: an `audit:cut` entry at the
// end of the chain, and a row with the same number and hash, up to which the database then permits
// deletes. Entries are deleted in batches. If that is interrupted, the next removal finishes it;
// until then verify still checks the entries not yet deleted.

import { QueryError, TransactionConflictError } from '../../errors.ts'
import { makeUlid } from '../../values/ids.ts'
import { auditCutDefinition } from '../audit-cuts/definition.ts'
import { createCodec } from '../model/record-codec.ts'
import {
  type Bound,
  type FirstBatchExtras,
  oldestRows,
  type Pruner,
  removeRows,
  surveyRows,
  writeAlong,
} from '../repository/pruning.ts'
import { type RecordSession, type Runner, writeAll } from '../repository/session.ts'
import { CUT_ACTION, CUT_SUBJECT, readCuts } from './cuts.ts'
import { auditEntryDefinition } from './definition.ts'
import { AuditRepository } from './repository.ts'
import { AuditTrail } from './trail.ts'
import type { AuditHead } from './verify.ts'

/** Which part of the trail to remove. */
interface Extent {
  /** The last entry to remove; 0 if there is none. */
  readonly last: number
  /** The end of the previous cut. */
  readonly cutBefore: number
  /** The first entry that exists. */
  readonly first: number
}

/** Cuts the chain at an entry and removes what lies before it. */
export function createAuditPruner(session: RecordSession): Pruner {
  const pruner = new AuditPruner(session)
  return {
    cutoff: (before) => before,
    survey: async (before) =>
      surveyRows(session, auditEntryDefinition, pruner.boundOf((await pruner.extent(before)).last)),
    begin: async (before, limit) => pruner.begin(before, limit),
  }
}

class AuditPruner {
  readonly #session: RecordSession
  readonly #trail: AuditTrail

  constructor(session: RecordSession) {
    this.#session = session
    this.#trail = new AuditTrail(session)
  }

  boundOf(last: number): Bound {
    return { column: 'sequence', below: this.#session.engine.codec.encode.integer(last + 1) }
  }

  /** All entries before the first younger one: numbers have no gaps, but clocks may go back. */
  async extent(before: Date): Promise<Extent> {
    const { statements, engine } = this.#session
    const [cut] = await readCuts(this.#session)
    const instant = engine.codec.encode.instant(before)
    const ends = statements.query('audit_entries ends', [], (builder) =>
      builder
        .selectFrom(auditEntryDefinition.shape.table)
        .select((eb) => [eb.fn.min('sequence').as('first'), eb.fn.max('sequence').as('last')]),
    )
    const younger = statements.query('audit_entries younger', [instant], (builder, slot) =>
      builder
        .selectFrom(auditEntryDefinition.shape.table)
        .select((eb) => eb.fn.min('sequence').as('first'))
        .where('timestamp', '>=', slot(0)),
    )
    const [[range], [next]] = await Promise.all([this.#session.read(ends), this.#session.read(younger)])
    const [first, last] = [Number(range?.[0] ?? 0), Number(range?.[1] ?? 0)]
    const kept = next?.[0] ?? null
    const cutBefore = cut?.sequence ?? 0
    return { first, cutBefore, last: Math.max(cutBefore, kept === null ? last : Number(kept) - 1) }
  }

  async begin(before: Date, limit: number) {
    const { first, last, cutBefore } = await this.extent(before)
    const end = Math.max(cutBefore, Math.min(last, first + limit - 1))
    const planned = first === 0 ? 0 : Math.min(Math.max(0, end - first + 1), limit)
    const cut = planned > 0 && end > cutBefore ? await this.#checked(end) : undefined
    let isCut = cut === undefined
    return {
      planned,
      cut,
      remove: async (size: number, along: FirstBatchExtras | undefined) => {
        if (!isCut && cut) {
          await this.#session.inTransaction((runner) => this.#cut(runner, cut, before, along))
          isCut = true
          return { removed: 0, skipped: 0, auditWritten: true, ended: false }
        }
        const removed = await this.#session.inTransaction(async (runner) => {
          const bound = this.boundOf(end)
          const rows = await oldestRows(
            this.#session,
            runner,
            auditEntryDefinition,
            ['sequence', 'id'],
            bound,
            undefined,
            size,
          )
          const keys = rows.map(([, id]) => id ?? null)
          await removeRows(this.#session, runner, auditEntryDefinition, keys)
          await writeAlong(runner, along)
          return rows.length
        })
        return { removed, skipped: 0, auditWritten: true, ended: removed < size }
      },
    }
  }

  /**
   * The entry at which to cut the trail. The part to be removed is verified first, because damage
   * in it is evidence.
   * @throws QueryError if an entry in that part is not as it was written
   */
  async #checked(end: number): Promise<AuditHead> {
    const { ok, firstBad, head } = await new AuditRepository(this.#session).verify({ to: end })
    if (ok && head?.sequence === end) return head
    throw new QueryError(
      `audit entry ${firstBad ?? end} is not as it was written, so nothing is cut off: what is damaged is evidence. Run purser audit verify`,
    )
  }

  async #cut(
    runner: Runner,
    cut: AuditHead,
    before: Date,
    along: FirstBatchExtras | undefined,
  ): Promise<void> {
    const session = this.#session
    const [newest] = await readCuts(session, runner)
    if ((newest?.sequence ?? 0) >= cut.sequence) return
    const timestamp = session.now()
    const entries = cut.sequence - (newest?.sequence ?? 0)
    const reason = `entries before ${before.toISOString()} were removed`
    const id = makeUlid()
    const row = createCodec(auditCutDefinition, session.engine.codec, () => undefined).encode({
      ...{ id, ...cut, entries, actor: session.actor, reason, timestamp },
    })
    const entry = this.#trail.entry({
      action: CUT_ACTION,
      subjectType: CUT_SUBJECT,
      subjectId: id,
      reason,
      riskLevel: 'high',
      details: { sequence: cut.sequence, hash: cut.hash, entries },
    })
    // Append the entry first: appending locks the chain and then reads cuts. The opposite order
    // would deadlock repeatedly.
    await writeAll(runner, [{ kind: 'append', chain: entry }])
    const [signed] = await writeAll(runner, [{ kind: 'insert', shape: auditCutDefinition.shape, row }])
    if (signed?.kind !== 'stored')
      throw new TransactionConflictError('another process cuts the trail at the same entry; repeat')
    await writeAlong(runner, along)
  }
}
