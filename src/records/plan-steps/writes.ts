// How steps are written, in the transaction of a caller that has locked their plan: recorded by
// `plans.step`, dropped by what puts a plan back.

import type { WriteOperation } from '../../engines/contract/engine.ts'
import { makeUlid } from '../../values/ids.ts'
import { changeEvent } from '../audit-entries/change-event.ts'
import { type AuditEvent, AuditTrail } from '../audit-entries/trail.ts'
import { createCodec, type RecordCodec } from '../model/record-codec.ts'
import type { Plan } from '../plans/definition.ts'
import type { PlanPhase } from '../plans/enums.ts'
import { type RecordSession, type Runner, writeAll } from '../repository/session.ts'
import { type PlanStep, type PlanStepFields, planStepDefinition } from './definition.ts'
import { finishedStatuses, type PlanStepStatus } from './enums.ts'

type Reads = Pick<Runner, 'read'>

/** What a caller says about a step; what it leaves out stays as it was. */
export interface StepReport {
  /** The position among the steps of the plan's phase, from 0. */
  readonly index: number
  readonly status: PlanStepStatus
  /** How many steps there are. */
  readonly total?: number | null | undefined
  readonly name?: string | null | undefined
}

/** A step as it was and as it is recorded. */
export interface StepChange {
  readonly before: PlanStep | undefined
  readonly after: PlanStep
  /** None if nothing changes. */
  readonly operation: WriteOperation | undefined
}

/** Deletions that one set makes. */
const CHUNK = 200

const { columns } = planStepDefinition.shape
const COLUMNS = columns.join(', ')
const FINISHED = finishedStatuses.map((status) => `'${status}'`).join(', ')
const isFinished = (status: PlanStepStatus) => finishedStatuses.some((finished) => finished === status)

export class StepWrites {
  readonly #session: RecordSession
  readonly #trail: AuditTrail
  readonly codec: RecordCodec<PlanStepFields>

  constructor(session: RecordSession) {
    this.#session = session
    this.#trail = new AuditTrail(session)
    this.codec = createCodec(planStepDefinition, session.engine.codec, () => undefined)
  }

  /** @throws InvalidRecordError if the step breaks a rule over several fields */
  async recorded(runner: Reads, plan: Plan, report: StepReport): Promise<StepChange> {
    const { planId, phase, attempt } = plan
    const before = await this.#at(runner, planId, phase, report.index)
    const now = this.#session.now()
    const { status } = report
    const said = {
      total: report.total === undefined ? (before?.total ?? null) : report.total,
      name: report.name === undefined ? (before?.name ?? null) : report.name,
      status,
      planAttempt: attempt,
    }
    const isSame =
      before !== undefined &&
      Object.entries(said).every(([field, value]) => Reflect.get(before, field) === value)
    if (isSame) return { before, after: before, operation: undefined }
    const began = status === 'running' && (before?.status !== 'running' || before.planAttempt !== attempt)
    const isOver = isFinished(status) || status === 'failed'
    const changes = {
      ...said,
      startedAt: began ? now : (before?.startedAt ?? null),
      endedAt: isOver ? (before?.status === status ? (before.endedAt ?? now) : now) : null,
      updatedAt: before !== undefined && now < before.updatedAt ? before.updatedAt : now,
      version: (before?.version ?? 0) + 1,
    }
    const fixed = { planId, planPhase: phase, index: report.index }
    const after = {
      ...(before ?? { stepId: makeUlid(), ...fixed, createdAt: now }),
      ...changes,
      unreadable: (before?.unreadable ?? []).filter((field) => !(field in changes)),
    } as PlanStep
    planStepDefinition.assertRules(after)
    const auditEntry = this.#entry(before, after)
    const { shape } = planStepDefinition
    const operation: WriteOperation =
      before === undefined
        ? { kind: 'insert', shape, row: this.codec.encode(after), ...(auditEntry && { auditEntry }) }
        : {
            kind: 'compareAndSet',
            shape,
            key: before.stepId,
            ...this.codec.encodeChanges(changes),
            expect: { column: 'version', value: before.version },
            ...(auditEntry && { auditEntry }),
          }
    return { before, after, operation }
  }

  /**
   * The last completed step of a plan once a step is recorded: the greatest one that is completed
   * or skipped before the first that is neither. Steps that were never recorded count for nothing.
   */
  async lastCompleted(runner: Reads, plan: Plan, { index, status }: PlanStep): Promise<number> {
    const { planId, phase } = plan
    const [openElsewhere, isBegun] = await this.#firstOpen(runner, planId, phase, index)
    const open = Math.min(openElsewhere, isFinished(status) ? Infinity : index)
    const sql = `select max(step_index) from plan_steps where plan_id = ? and plan_phase = ? and step_index <> ? and step_index < ? and status in (${FINISHED})`
    const below = Math.min(open, Number.MAX_SAFE_INTEGER)
    const [row] = await runner.read(
      this.#session.statements.raw(sql, sql, [planId, phase, index, Math.min(below, 2 ** 31 - 1)]),
    )
    const others = row?.[0] === null || row === undefined ? -1 : Number(row[0])
    const done = Math.max(others, isFinished(status) && index < open ? index : -1)
    const known = await this.lastKnown(runner, plan, isBegun)
    return Math.max(done, Math.min(known, open - 1))
  }

  /** The plan's last completed step, unless that is one of an earlier phase. */
  async lastKnown(
    runner: Reads,
    { planId, phase, lastCompletedStep }: Plan,
    isBegun = false,
  ): Promise<number> {
    if (isBegun || lastCompletedStep < 0) return lastCompletedStep
    const sql = 'select distinct plan_phase from plan_steps where plan_id = ?'
    const phases = (await runner.read(this.#session.statements.raw(sql, sql, [planId]))).map(([name]) =>
      String(name),
    )
    return phases.length === 0 || phases.includes(phase) ? lastCompletedStep : -1
  }

  /**
   * Deletes the steps of a plan that no longer count, with one audit entry for all of them: those
   * of its phase after `last`, and those of all other phases but these.
   * @returns how many
   */
  async drop(
    runner: Runner,
    planId: string,
    {
      phase,
      last,
      keep = [],
    }: { readonly phase?: PlanPhase; readonly last?: number; readonly keep?: readonly PlanPhase[] } = {},
  ): Promise<number> {
    const sql = 'select step_id, plan_phase, step_index from plan_steps where plan_id = ? order by step_id'
    const rows = await runner.read(this.#session.statements.raw(sql, sql, [planId]))
    const ids = rows
      .filter(([, of, index]) =>
        of === phase ? Number(index) > (last ?? -1) : !keep.some((kept) => kept === of),
      )
      .map(([id]) => String(id))
    if (ids.length === 0) return 0
    const { shape } = planStepDefinition
    for (let start = 0; start < ids.length; start += CHUNK) {
      const keys = ids.slice(start, start + CHUNK)
      await writeAll(
        runner,
        keys.map((key) => ({ kind: 'delete', shape, key }) as const),
      )
    }
    const details = { steps: ids.length, ...(phase === undefined ? {} : { phase, last: last ?? -1 }) }
    const chain = this.#trail.entry({
      ...{ action: 'step:drop', subjectType: 'plan', subjectId: planId, planId, details },
    })
    await writeAll(runner, [{ kind: 'append', chain }])
    return ids.length
  }

  /** Every step of a plan. */
  async all(runner: Reads, planId: string): Promise<readonly PlanStep[]> {
    const sql = `select ${COLUMNS} from plan_steps where plan_id = ? order by step_index, step_id`
    const rows = await runner.read(this.#session.statements.raw(sql, sql, [planId]))
    return rows.map((row) => this.codec.decode(row))
  }

  async #at(runner: Reads, planId: string, phase: PlanPhase, index: number): Promise<PlanStep | undefined> {
    const sql = `select ${COLUMNS} from plan_steps where plan_id = ? and plan_phase = ? and step_index = ?`
    const [row] = await runner.read(this.#session.statements.raw(sql, sql, [planId, phase, index]))
    return row && this.codec.decode(row)
  }

  /** The first other step of the phase that is not finished, and whether there is any other. */
  async #firstOpen(runner: Reads, planId: string, phase: PlanPhase, index: number) {
    const sql = `select min(case when status in (${FINISHED}) then null else step_index end), count(*) from plan_steps where plan_id = ? and plan_phase = ? and step_index <> ?`
    const [row = []] = await runner.read(this.#session.statements.raw(sql, sql, [planId, phase, index]))
    const [first = null, count = 0] = row
    return [first === null ? Infinity : Number(first), Number(count) > 0] as const
  }

  #entry(before: PlanStep | undefined, after: PlanStep) {
    const { index, total, status, planPhase, planAttempt, version } = after
    const details: AuditEvent['details'] = {
      ...{ index, total, from: before?.status ?? null, to: status },
      ...{ phase: planPhase, attempt: planAttempt, version },
    }
    const event = changeEvent(planStepDefinition, 'record', after, details, {})
    return event && this.#trail.entry(event)
  }
}
