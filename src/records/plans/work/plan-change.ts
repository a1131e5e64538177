// Changes of plans that belong to the write of another record: a decision becomes the root, a
// checkpoint the last one. Each is a compare-and-set with its audit entry, in that record's
// transaction. Moves are in ../mover.ts.

import type { WriteOperation } from '../../../engines/contract/engine.ts'
import { RecordNotFoundError } from '../../../errors.ts'
import { MAX_INSTANT } from '../../../values/instant.ts'
import { type AuditEvent, AuditTrail } from '../../audit-entries/trail.ts'
import { createCodec, type RecordCodec } from '../../model/record-codec.ts'
import { lockedRow } from '../../repository/database-time.ts'
import type { RecordSession, Runner } from '../../repository/session.ts'
import { type Plan, type PlanFields, planDefinition } from '../definition.ts'

/** A change of a plan that is locked. */
export interface PlanChange {
  readonly before: Plan
  readonly after: Plan
  readonly operation: WriteOperation
}

export class PlanChanges {
  readonly #session: RecordSession
  readonly #codec: RecordCodec<PlanFields>
  readonly #trail: AuditTrail

  constructor(session: RecordSession) {
    this.#session = session
    this.#codec = createCodec(planDefinition, session.engine.codec, () => undefined)
    this.#trail = new AuditTrail(session)
  }

  /**
   * A plan that no other transaction may change until this one ends.
   * @throws RecordNotFoundError
   */
  async locked(runner: Pick<Runner, 'read'>, planId: string): Promise<Plan> {
    const row = await lockedRow(this.#session, runner, planDefinition, planId)
    if (row === undefined) throw new RecordNotFoundError('plans', planId)
    return this.#codec.decode(row)
  }

  /**
   * @param verb of the audit entry: `update` is `plan:update`
   * @param more what the entry says besides the names of the fields and the version
   */
  change(
    before: Plan,
    changes: Partial<Plan>,
    verb = 'update',
    more: Partial<Pick<AuditEvent, 'reason' | 'verdict' | 'matchedRules'>> & {
      readonly details?: Readonly<Record<string, string | number | null>>
    } = {},
  ): PlanChange {
    const now = this.#session.now().getTime()
    const last = before.updatedAt.getTime()
    const updatedAt = new Date(now < last ? Math.min(last + 1, MAX_INSTANT) : now)
    const version = before.version + 1
    const unreadable = before.unreadable.filter((field) => !(field in changes))
    const after: Plan = { ...before, ...changes, updatedAt, version, unreadable }
    planDefinition.assertRules(after)
    const { planId } = before
    const { details, ...entry } = more
    return {
      before,
      after,
      operation: {
        kind: 'compareAndSet',
        shape: planDefinition.shape,
        key: planId,
        ...this.#codec.encodeChanges({ ...changes, updatedAt, version }),
        expect: { column: 'version', value: this.#codec.encodeField('version', before.version) },
        auditEntry: this.#trail.entry({
          action: `plan:${verb}`,
          subjectType: planDefinition.name,
          subjectId: planId,
          planId,
          ...entry,
          details: { fields: Object.keys(changes), version, ...details },
        }),
      },
    }
  }
}
