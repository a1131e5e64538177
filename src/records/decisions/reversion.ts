// The decision of a reversion: the plan drops its strategy, and with it what it decided for that
// strategy. What it was asked to do, earlier reversions, and what people said stay.

import type { WriteOperation } from '../../engines/contract/engine.ts'
import { isUlid } from '../../values/ids.ts'
import type { JsonObject } from '../model/rules.ts'
import type { Plan } from '../plans/definition.ts'
import { nameOf } from '../plans/moves.ts'
import type { RecordSession, Runner } from '../repository/session.ts'
import type { Decision } from './definition.ts'
import { type DecisionPlace, DecisionWrites } from './writes.ts'

export interface ReversionDecision {
  /** The new decisions: the reversion, and before it a root, if the plan had none. */
  readonly decisions: readonly Decision[]
  /** The root that the plan has to point to. */
  readonly decisionRootId: string
  /** What the audit entry of the move says. */
  readonly details: JsonObject
  readonly operations: readonly WriteOperation[]
}

/**
 * What a reversion writes besides the plan.
 * @param runner whose transaction has locked the tree of the plan
 */
export async function decideReversion(
  session: RecordSession,
  runner: Runner,
  plan: Plan,
  reason: string | null,
): Promise<ReversionDecision> {
  const writes = new DecisionWrites(session)
  const { planId, rootPlanId } = plan
  const places = await writes.placesInPlan(runner, planId)
  const next = (places.at(-1)?.sequence ?? 0) + 1
  const known = places.find(isLiveRoot)?.decisionId
  const root =
    known === undefined
      ? writes.made(
          { planId, rootPlanId, sequence: next },
          {
            type: 'prompt_definition',
            parentDecisionId: null,
            question: 'What is the plan to do?',
            chosenOption: plan.description.trim() === '' ? plan.actionName : plan.description,
          },
          await rootIdOf(writes, runner, plan),
        )
      : undefined
  const decisionRootId = known ?? (root as Decision).decisionId
  const reversion = writes.made(
    { planId, rootPlanId, sequence: root === undefined ? next : next + 1 },
    {
      type: 'reversion',
      parentDecisionId: decisionRootId,
      question: 'How does the plan go on?',
      chosenOption: `back to strategize from ${nameOf(plan)}`,
      rationale: reason,
    },
  )
  const dropped = droppedWith(places)
  const decisions = root === undefined ? [reversion] : [root, reversion]
  return {
    decisions,
    decisionRootId,
    details: { decision: reversion.decisionId, superseded: dropped.length },
    operations: [
      ...decisions.map((decision) => writes.insertion(decision)),
      ...writes.supersession(dropped, reversion.decisionId),
    ],
  }
}

/**
 * The live decisions of a strategy: all but the root and, as long as they do not depend on one that
 * is dropped, reversions and what people said.
 */
export function droppedWith(places: readonly DecisionPlace[]): readonly string[] {
  const live = places.filter(({ supersededBy }) => supersededBy === null)
  const dropped = new Set<string>()
  // A decision is recorded after those that it depends on.
  for (const { decisionId, type, parentDecisionId, influences } of live) {
    const depends = [parentDecisionId ?? '', ...influences].some((id) => dropped.has(id))
    const stays = type === 'prompt_definition' || type === 'reversion' || type === 'user_intervention'
    if (depends || !stays) dropped.add(decisionId)
  }
  return [...dropped]
}

/** The id that the plan names already, if a decision may have it. */
async function rootIdOf(
  writes: DecisionWrites,
  runner: Runner,
  { decisionRootId }: Plan,
): Promise<string | undefined> {
  if (decisionRootId === null || !isUlid(decisionRootId)) return undefined
  return (await writes.exists(runner, decisionRootId)) ? undefined : decisionRootId
}

function isLiveRoot({ type, supersededBy }: DecisionPlace): boolean {
  return type === 'prompt_definition' && supersededBy === null
}
