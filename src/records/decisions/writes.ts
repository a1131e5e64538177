// How decisions are written, for every verb that makes or supersedes some. A writer has locked the
// root of the plan's tree before it looks, so that the numbers of a plan have no gaps, and nothing
// is recorded below a decision that is being superseded.

import type { Row, WriteOperation } from '../../engines/contract/engine.ts'
import { RecordNotFoundError } from '../../errors.ts'
import { makeUlid } from '../../values/ids.ts'
import type { AuditEvent } from '../audit-entries/trail.ts'
import { createCodec, type RecordCodec } from '../model/record-codec.ts'
import { planDefinition } from '../plans/definition.ts'
import { lockedRow } from '../repository/database-time.ts'
import type { RecordSession, Runner } from '../repository/session.ts'
import { type Decision, type DecisionFields, decisionDefinition } from './definition.ts'

type Reads = Pick<Runner, 'read'>

/** What a decision says; the rest follows from where it is. */
export type DecisionContent = Pick<Decision, 'type' | 'parentDecisionId' | 'question' | 'chosenOption'> &
  Partial<Pick<Decision, 'rationale' | 'contextSnapshot'>>

/** A decision without what it says: what a look at a whole tree needs. */
export interface DecisionPlace {
  readonly decisionId: string
  readonly planId: string
  readonly sequence: number
  readonly type: Decision['type']
  readonly parentDecisionId: string | null
  readonly influences: readonly string[]
  readonly spawnedPlanIds: readonly string[]
  readonly supersededBy: string | null
}

const placeFields = [
  'decisionId',
  'planId',
  'sequence',
  'type',
  'parentDecisionId',
  'influences',
  'spawnedPlanIds',
  'supersededBy',
] as const satisfies readonly (keyof DecisionPlace)[]
const PLACE = placeFields.map((field) => decisionDefinition.columnOf(field).name).join(', ')

/** The most ids of one statement. */
const CHUNK = 256

export class DecisionWrites {
  readonly #session: RecordSession
  readonly codec: RecordCodec<DecisionFields>

  constructor(session: RecordSession) {
    this.#session = session
    this.codec = createCodec(decisionDefinition, session.engine.codec, () => undefined)
  }

  /**
   * Locks the tree of a plan against every other writer of decisions.
   * @returns the root of the tree
   * @throws RecordNotFoundError
   */
  async lockTreeOf(runner: Reads, planId: string): Promise<string> {
    const sql = 'select root_plan_id from plans where plan_id = ?'
    const [found] = await runner.read(this.#session.statements.raw(sql, sql, [planId]))
    if (found === undefined) throw new RecordNotFoundError('plans', planId)
    const root = String(found[0])
    await lockedRow(this.#session, runner, planDefinition, root)
    return root
  }

  /** The next number of a plan's decisions. */
  async nextSequence(runner: Reads, planId: string): Promise<number> {
    const sql = 'select max(sequence) from decisions where plan_id = ?'
    const [row] = await runner.read(this.#session.statements.raw(sql, sql, [planId]))
    return Number(row?.[0] ?? 0) + 1
  }

  /** The places of all decisions of a tree of plans, by plan and number. */
  placesInTree(runner: Reads, rootPlanId: string): Promise<readonly DecisionPlace[]> {
    return this.#places(runner, 'root_plan_id', rootPlanId)
  }

  /** Those of one plan, by number. */
  placesInPlan(runner: Reads, planId: string): Promise<readonly DecisionPlace[]> {
    return this.#places(runner, 'plan_id', planId)
  }

  async exists(runner: Reads, decisionId: string): Promise<boolean> {
    const sql = 'select 1 from decisions where decision_id = ?'
    return (await runner.read(this.#session.statements.raw(sql, sql, [decisionId]))).length > 0
  }

  /** A new decision, complete. */
  made(
    place: Pick<Decision, 'planId' | 'rootPlanId' | 'sequence'>,
    content: DecisionContent,
    decisionId: string = makeUlid(),
  ): Decision {
    return {
      decisionId,
      alternatives: [],
      confidence: null,
      rationale: null,
      contextSnapshot: null,
      influences: [],
      spawnedPlanIds: [],
      supersededBy: null,
      createdAt: this.#session.now(),
      unreadable: [],
      ...place,
      ...content,
    }
  }

  insertion(decision: Decision): Extract<WriteOperation, { kind: 'insert' }> {
    return { kind: 'insert', shape: decisionDefinition.shape, row: this.codec.encode(decision) }
  }

  /** Supersedes decisions that are live; they are locked with their tree. */
  supersession(ids: readonly string[], by: string): readonly WriteOperation[] {
    const operations: WriteOperation[] = []
    for (let start = 0; start < ids.length; start += CHUNK) {
      const keys = ids.slice(start, start + CHUNK)
      const sql = `update decisions set superseded_by = ? where decision_id in (${keys.map(() => '?').join(', ')}) and superseded_by is null`
      const query = this.#session.statements.raw(`supersede ${keys.length}`, sql, [by, ...keys])
      operations.push({
        kind: 'execute',
        query,
        affects: { shape: decisionDefinition.shape, op: 'updated', keys },
      })
    }
    return operations
  }

  async #places(
    runner: Reads,
    column: 'plan_id' | 'root_plan_id',
    id: string,
  ): Promise<readonly DecisionPlace[]> {
    const sql = `select ${PLACE} from decisions where ${column} = ? order by plan_id, sequence`
    const rows = await runner.read(this.#session.statements.raw(sql, sql, [id]))
    return rows.map((row) => this.#placeOf(row))
  }

  #placeOf(row: Row): DecisionPlace {
    const [decisionId, planId, sequence, type, parentDecisionId, influences, spawnedPlanIds, supersededBy] =
      placeFields.map((field, index) => this.codec.decodeField(field, row[index] ?? null))
    return {
      decisionId: String(decisionId),
      planId: String(planId),
      sequence: Number(sequence),
      type: type as Decision['type'],
      parentDecisionId: textOrNull(parentDecisionId),
      influences: listOf(influences),
      spawnedPlanIds: listOf(spawnedPlanIds),
      supersededBy: textOrNull(supersededBy),
    }
  }
}

/** What the audit trail says about a new decision: ids and words, never its contents. */
export function decisionEvent({
  decisionId,
  planId,
  type,
  sequence,
  parentDecisionId,
}: Decision): AuditEvent {
  return {
    action: 'decision:record',
    subjectType: decisionDefinition.name,
    subjectId: decisionId,
    planId,
    details: { type, sequence, parentDecisionId },
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** A list that cannot be read has nothing in it. */
function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value : []
}
