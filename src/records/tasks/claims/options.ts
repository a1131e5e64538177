// What callers say about claims, and the rules for it.

import { z } from 'zod'
import { durationFrom, durationRule } from '../../model/duration.ts'
import { parseOrThrow } from '../../model/issues.ts'
import { bodyRule, idRule, integerRule, nameRule } from '../../model/rules.ts'
import { MAX_LIMIT } from '../../repository/page.ts'
import { taskTypes } from '../enums.ts'

/** Which tasks a claim may take. */
export interface WorkFilter {
  readonly project?: string | undefined
  readonly type?: (typeof taskTypes)[number] | undefined
  readonly planId?: string | undefined
  /** `planId` means the plan and everything below it. */
  readonly tree?: boolean | undefined
}

/** Filters of `tasks.ready`. */
export interface ReadyFilter extends WorkFilter {
  /** Also the tasks that are assigned to this agent. */
  readonly agent?: string | undefined
}

/** A duration: `90s`, `10m`, `2h`, `1d`, or milliseconds; at most 7 days. */
export type Duration = string | number

export interface ClaimRequest extends WorkFilter {
  /** Who will work on them. */
  readonly agent: string
  /** The most tasks, 1 to 1000; 1 by default. */
  readonly limit?: number | undefined
  /** How long the claim lasts without a heartbeat; `60s` by default, at least a millisecond. */
  readonly lease?: Duration | undefined
}

export interface FailOptions {
  /** Why, for `lastError`; up to 1 MiB. */
  readonly error: string
  /**
   * When it is ready again: at once with 0. By default after a second, twice as long with every
   * further attempt, at most 10 minutes, of which a random half is taken off.
   */
  readonly retryIn?: Duration | undefined
}

const DEFAULT_LEASE = 60_000

export const leaseRule = durationRule.default(DEFAULT_LEASE)
export const retryRule = durationFrom(0)
export const withinRule = durationRule.default(60_000)
export const failRules = { error: bodyRule, retryIn: retryRule.optional() }
export const failRule = z.strictObject(failRules)

const filterRules = {
  project: nameRule.optional(),
  type: z.enum(taskTypes).optional(),
  planId: idRule.optional(),
  tree: z.boolean().optional(),
}

const needsPlan = (given: { planId?: string | undefined; tree?: boolean | undefined }) =>
  given.tree !== true || given.planId !== undefined
const planNeeded = { path: ['tree'], message: 'needs a planId' }

export const claimRule = z
  .strictObject({
    ...filterRules,
    agent: idRule,
    limit: integerRule(1)
      .refine((limit) => limit <= MAX_LIMIT, `must be at most ${MAX_LIMIT}`)
      .default(1),
    lease: leaseRule,
  })
  .refine(needsPlan, planNeeded)
const readyRule = z.strictObject({ ...filterRules, agent: idRule.optional() }).refine(needsPlan, planNeeded)

export type ParsedClaim = z.output<typeof claimRule>

/** @throws InvalidRecordError */
export function parseClaim(request: unknown): ParsedClaim {
  return parseOrThrow('claim', claimRule, request)
}

/** @throws InvalidRecordError */
export function parseReady(filter: unknown): z.output<typeof readyRule> {
  return parseOrThrow('filter of ready tasks', readyRule, filter)
}

const FIRST_DELAY = 1000
const LONGEST_DELAY = 600_000

/**
 * Milliseconds until a failed task is ready again: doubled with every attempt, bounded, and spread
 * so that tasks that failed together do not come back together.
 * @param attempt the one that failed, from 1
 * @param random from 0 to 1
 */
export function retryDelay(attempt: number, random = Math.random()): number {
  const full = Math.min(FIRST_DELAY * 2 ** Math.min(attempt - 1, 30), LONGEST_DELAY)
  return Math.ceil(full * (0.5 + random / 2))
}
