// The automation profile: how far a plan may go without a human. Eleven thresholds from 0 (always
// automatic) to 1 (always a human), plus limits on the automation.

import { z } from 'zod'
import { moneyFromNumber, parseMoney } from '../../values/money.ts'
import { integerRule, moneyRule, nameRule, qualifiedNameRule, textRule } from '../model/rules.ts'

/**
 * The steps that a threshold decides on, in the order of the specification; `profileSteps` says
 * what each means.
 */
export const automationSteps = [
  'decomposeTask',
  'createTool',
  'selectTool',
  'editCode',
  'executeCommand',
  'createFile',
  'deleteContent',
  'accessNetwork',
  'installDependency',
  'modifyConfig',
  'approvePlan',
] as const

export type AutomationStep = (typeof automationSteps)[number]

/** What a plan does when the step is taken. */
export const stepMeanings: Readonly<Record<AutomationStep, string>> = {
  decomposeTask: 'start strategize',
  createTool: 'move from strategize to execute',
  selectTool: 'move from execute to apply',
  editCode: 'decide inside strategize',
  executeCommand: 'decide inside execute',
  createFile: 'fix a failed validation',
  deleteContent: 'revert from execute to strategize',
  accessNetwork: 'revert from apply',
  installDependency: 'spawn child plans',
  modifyConfig: 'retry after a transient failure',
  approvePlan: 'restore a checkpoint',
}

const threshold = z.number().min(0).max(1)
const thresholds = Object.fromEntries(automationSteps.map((step) => [step, threshold])) as Record<
  AutomationStep,
  typeof threshold
>

/**
 * Money as elsewhere, but returned as a number, as profiles hold it. An amount that no number
 * represents exactly is rejected.
 */
const moneyBound = moneyRule.transform((amount, ctx) => {
  const bound = Number(amount)
  if (moneyFromNumber(bound) === parseMoney(amount)) return bound
  const message = 'has more digits than a number holds exactly; give fewer'
  ctx.issues.push({ code: 'custom', input: amount, params: { code: 'money_inexact' }, message })
  return z.NEVER
})

/**
 * Limits for whoever runs a plan, frozen on the plan. `plans.mayUse` answers by `deniedTools`,
 * `maxToolCalls` and `maxTokens`; `budgets.reserve` refuses beyond `maxCostUsd`, and once
 * `maxTokens` is reached. All but `deniedTools` count everything below the plan, too. A cost that
 * was incurred is recorded all the same.
 */
const guardsSchema = z
  .strictObject({
    /**
     * In US dollars, exact to nine decimal places, as a number or a decimal string; null for no
     * limit.
     */
    maxCostUsd: moneyBound.nullable().default(null),
    maxTokens: integerRule(0).nullable().default(null),
    maxToolCalls: integerRule(0).nullable().default(null),
    deniedTools: z.array(nameRule).readonly().default([]),
  })
  .readonly()

const noGuards = { maxCostUsd: null, maxTokens: null, maxToolCalls: null, deniedTools: [] } as const

const shape = {
  description: textRule.default(''),
  ...thresholds,
  requireSandbox: z.boolean().default(true),
  requireCheckpoints: z.boolean().default(true),
  allowUnsafeTools: z.boolean().default(false),
  guards: guardsSchema.default(noGuards),
  schemaVersion: z.literal('1.0').default('1.0'),
}

/** A complete profile, as frozen on a plan. */
export const automationProfileRule = z.strictObject({ name: nameRule, ...shape }).readonly()
/** A custom profile, as callers and files give it. */
export const newProfileRule = z.strictObject({ name: qualifiedNameRule, ...shape }).readonly()
/** How far a plan may go without a human; see docs/plans.md. */
export type AutomationProfile = z.output<typeof automationProfileRule>
/**
 * The input of `automationProfiles.create`: a name, eleven thresholds, and whatever differs from
 * the defaults.
 */
export type NewAutomationProfile = z.input<typeof newProfileRule>
/** The fields that `automationProfiles.update` may change; `guards` are replaced as a whole. */
export type AutomationProfilePatch = {
  readonly [K in Exclude<keyof NewAutomationProfile, 'name'>]?: NewAutomationProfile[K] | undefined
}
