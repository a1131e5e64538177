// Gates that act: a plan takes a step by itself, or waits for a human. And the tools that a plan
// may use.

import { z } from 'zod'
import { RecordNotFoundError } from '../../errors.ts'
import type { Approval } from '../approvals/definition.ts'
import { type AutomationStep, automationSteps } from '../automation-profiles/profile.ts'
import { readPlansAbove } from '../budgets/call.ts'
import { parseOrThrow } from '../model/issues.ts'
import { bodyRule, idRule, nameRule } from '../model/rules.ts'
import { base, checkArguments, options, text } from '../repository/arguments.ts'
import type { Base } from '../repository/versioned-repository.ts'
import { enforcementOf, enforceRules } from '../rules/enforce.ts'
import { isHuman } from './checks/human.ts'
import { findingsOf, type Preflight, startOf } from './checks/preflight.ts'
import type { Plan } from './definition.ts'
import { type Guards, readGuards } from './frozen-guards.ts'
import { gate } from './gate.ts'
import type { MoveExtra } from './mover.ts'
import { nameOf } from './moves.ts'
import { moveOfStep } from './steps.ts'
import { countToolUse, type ToolRule } from './tool-calls.ts'
import { PlanEnder } from './trees/end-plans.ts'

/** The step that a plan is to take. */
export interface NextStep {
  readonly step: AutomationStep
  /** How sure the caller is that the step is right, from 0 to 1; some gates need it. */
  readonly confidence?: number | undefined
  /** Why the plan takes it: for who decides, and for the audit entry of a move. */
  readonly reason?: string | undefined
}

/**
 * What came of it. `moved`: the plan has taken the step, by itself (`approval` is null) or with the
 * approval that it used up. `waiting`: the approval has to be decided first. `refused`: it was
 * rejected.
 */
export type Proceeding =
  | { readonly outcome: 'moved'; readonly plan: Plan; readonly approval: Approval | null }
  | { readonly outcome: 'waiting' | 'refused'; readonly plan: Plan; readonly approval: Approval }

export const confidenceRule = z.number().min(0).max(1)

const stepRules = {
  step: z.enum(automationSteps),
  confidence: confidenceRule,
  reason: bodyRule,
}

const nextStepRule = z.strictObject({
  step: stepRules.step,
  confidence: stepRules.confidence.optional(),
  reason: stepRules.reason.optional(),
})

export abstract class GatedPlans extends PlanEnder {
  static {
    checkArguments(GatedPlans, {
      proceed: [text('planId'), options(stepRules), base()],
      mayUse: [text('planId'), text('tool')],
      preflight: [text('planId')],
    })
  }

  /**
   * Takes a step of the plan's frozen profile: the move that it means (`decomposeTask` uses or
   * starts the plan, `createTool` advances it to execute, `selectTool` to apply, `deleteContent`
   * reverts it from execute, `accessNetwork` from apply, `modifyConfig` retries it), if the gate
   * lets it pass: because the profile leaves the step to the plan, or because the actor is a human
   * (`human:ada`). Otherwise a human decides: the approval for this plan, step and version is found
   * or made, and returned as long as it is pending or if it was rejected. An approved one is used
   * up by the move, in one transaction: it allows one move, of the plan as it was when it was asked
   * for.
   *
   * Of concurrent callers at one version exactly one moves the plan, and all of them find the same
   * approval. One that has expired or was withdrawn does not count: another one is asked for.
   * @throws RecordNotFoundError, VersionConflictError, InvalidTransitionError (the plan cannot make
   * the move now, whatever the gate), PreflightError, ReversionLimitError, InvalidRecordError (an
   * unknown step, or one that means no move)
   * @example
   * const result = await store.plans.proceed(plan.planId, { step: 'createTool', confidence: 0.8 }, plan)
   * if (result.outcome === 'waiting') await store.approvals.wait(result.approval.id)
   */
  async proceed(id: string, next: NextStep, base: Base): Promise<Proceeding> {
    const { step, confidence, reason = null } = parseOrThrow('proceed', nextStepRule, next)
    const expected = this.versionOf(base)
    const plan = await this.getAt(id, expected)
    const move = moveOfStep(plan, step)
    const extra = (approvalId: string | null): MoveExtra => ({
      reason: reason ?? (move === 'revert' ? step : null),
      gate: { step, confidence: confidence ?? null, approvalId },
    })
    if (isHuman(this.session.actor) || gate(plan, step, confidence) === 'auto') {
      const moved = await this.move(id, move, { version: expected }, extra(null))
      return { outcome: 'moved', plan: moved, approval: null }
    }
    // Throws what the move would, before a human is asked.
    this.moved(plan, move, extra(null))
    const broken = await this.preflightOf(plan, move)
    if (broken.length > 0 && (await enforcementOf(this.session)) === 'refuse')
      await enforceRules(this.session, broken)
    const question = {
      planId: plan.planId,
      planVersion: expected,
      step,
      move,
      from: nameOf(plan),
      confidence: confidence ?? null,
      threshold: plan.effectiveProfile?.[step] ?? null,
      reason,
    }
    const approval = await this.gateApprovals.findOrRequest(question, () => this.getAt(id, expected))
    if (approval.status === 'pending') return { outcome: 'waiting', plan, approval }
    if (approval.status === 'rejected') return { outcome: 'refused', plan, approval }
    const ruling = await enforceRules(this.session, broken)
    const { used, ...moved } = await this.make(plan, move, { ...extra(approval.id), approval, ruling })
    return { outcome: 'moved', plan: moved.plan, approval: used }
  }

  /**
   * Whether the plan may use a tool once, by frozen profiles: it is none of the plan's
   * `guards.deniedTools`, compared to the letter, and neither the plan nor one above it has used up
   * its `maxToolCalls` or `maxTokens`, which count everything below it too. Where there is a
   * `maxToolCalls`, `true` counts as a call, whether or not the tool is used then; of any number of
   * callers in any number of processes exactly as many get it as fit. Tokens are those of the costs
   * that are recorded: calls that are still running are not among them.
   *
   * A denial is written to the audit trail (`tool:use`, verdict `deny`, with the rule), and a call
   * that counts as well (verdict `allow`, with the number). A plan that never captured a profile
   * denies nothing; where a profile cannot be read everything is denied.
   * @throws RecordNotFoundError, InvalidRecordError
   * @example if (!(await store.as('agent-7').plans.mayUse(plan.planId, 'shell'))) return
   */
  async mayUse(id: string, tool: string): Promise<boolean> {
    const key = parseOrThrow('id of the plan', idRule, id)
    const name = parseOrThrow('tool', nameRule, tool)
    const plan = await this.get(key)
    if (plan === null) throw new RecordNotFoundError('plans', key)
    const rule = await this.#forbids(plan, name)
    if (rule === undefined) return true
    const entry = this.trail.entry({
      action: 'tool:use',
      subjectType: 'tool',
      subjectId: name,
      planId: key,
      verdict: 'deny',
      riskLevel: 'medium',
      matchedRules: [rule],
      details: { profile: plan.automationProfile.name },
    })
    await this.session.write({ kind: 'append', chain: entry })
    return false
  }

  /**
   * What has to be put right before a plan is put to use, or starts the phase that it is in or
   * comes to next: everything at once, and nothing is moved. `use` and `start` look at the same.
   * @throws RecordNotFoundError
   * @example
   * for (const { rule, message } of (await store.plans.preflight(plan.planId)).findings) console.log(rule, message)
   */
  async preflight(id: string): Promise<Preflight> {
    const key = parseOrThrow('id of the plan', idRule, id)
    const plan = await this.get(key)
    if (plan === null) throw new RecordNotFoundError('plans', key)
    const { planId, version } = plan
    const next = startOf(plan)
    const findings = next === null ? [] : await findingsOf(this.session, this.references(), plan)
    return { planId, version, next, findings }
  }

  async #forbids(plan: Plan, tool: string): Promise<ToolRule | undefined> {
    const { planId, parentPlanId, effectiveProfile } = plan
    if (plan.unreadable.includes('effectiveProfile')) return 'unreadableProfile'
    if (effectiveProfile?.guards.deniedTools.includes(tool)) return 'deniedTools'
    const guards = new Map<string, Guards>()
    if (parentPlanId !== null) {
      const above = await readPlansAbove(this.session, this.session, [plan])
      for (const [id, guard] of await readGuards(this.session, this.session, above.get(planId) ?? [])) {
        if (guard === 'unreadable') return 'unreadableProfile'
        guards.set(id, guard)
      }
    }
    if (effectiveProfile) guards.set(planId, effectiveProfile.guards)
    return countToolUse(this.session, this.trail, { planId, tool }, guards)
  }
}
