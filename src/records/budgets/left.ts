// Which budgets and guards leave a plan nothing to spend. It only reads: no budget of a guard is
// made.

import { createCodec } from '../model/record-codec.ts'
import { type Guards, readGuards, tokensOfTree } from '../plans/frozen-guards.ts'
import type { RecordSession } from '../repository/session.ts'
import { type Call, readBudgets, readPlansAbove } from './call.ts'
import { type Budget, budgetDefinition } from './definition.ts'
import { budgetOfGuard, guardName } from './guards.ts'
import { BudgetPresence } from './presence.ts'
import { statusOf } from './status.ts'

/** What a plan spends for. */
export interface Spender {
  readonly planId: string
  readonly parentPlanId: string | null
  readonly projects: readonly string[]
  /** Of its frozen profile; null if there is none that can be read. */
  readonly guards: Guards | null
}

/** The scopes that count whatever a plan does, by whomever. */
const COUNTED: ReadonlySet<string> = new Set(['everything', 'project', 'plan'])

/**
 * The names of the budgets that refuse and have nothing left for a plan: of everything, of its
 * projects, of it and the plans above, and of their guards. A guard whose profile cannot be read
 * leaves nothing.
 */
export async function usedUpBudgets(session: RecordSession, spender: Spender): Promise<readonly string[]> {
  const { planId, parentPlanId, projects } = spender
  const above = parentPlanId === null ? new Map() : await readPlansAbove(session, session, [{ planId }])
  const guards = new Map(await readGuards(session, session, above.get(planId) ?? []))
  if (spender.guards) guards.set(planId, spender.guards)
  const budgets: Budget[] = []
  const usedUp: string[] = []
  for (const [id, guard] of guards) {
    const budget = budgetOfGuard(session, id, guard)
    if (budget) budgets.push(budget)
    const isUsedUp =
      guard === 'unreadable' ||
      (guard.maxTokens !== null && (await tokensOfTree(session, session, id)) >= guard.maxTokens)
    if (isUsedUp) usedUp.push(guardName(id))
  }
  if (await BudgetPresence.of(session).ask(session)) {
    const codec = createCodec(budgetDefinition, session.engine.codec, () => undefined)
    const calls = [null, ...projects].map((project) => callOf(planId, project))
    const found = await readBudgets(session, session, codec, calls, above, false)
    const isOfGuard = ({ name, target }: Budget) => target !== null && name === guardName(target)
    budgets.push(
      ...found.filter(
        (budget) => COUNTED.has(budget.scope) && budget.whenExceeded === 'refuse' && !isOfGuard(budget),
      ),
    )
  }
  for (const { budget, remaining } of await statusOf(session, budgets, undefined))
    if (remaining === '0') usedUp.push(budget.name)
  return [...new Set(usedUp)].toSorted()
}

function callOf(planId: string, project: string | null): Call {
  return { agentId: '', model: null, taskId: null, currency: '', planId, project }
}
