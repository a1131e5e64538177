// `purser plans use`, `start`, `complete`, `advance`, `constrain`, `retry`: the moves that need
// only the plan.

import { defineChange } from '../../flags/actor-flag.ts'
import { toggle } from '../../flags/flags.ts'
import type { Command, Example } from '../../run/command.ts'
import { printableLine } from '../../screen/text.ts'
import { planArgument } from './find.ts'
import { moveByVerb, reasonedFlags } from './run-move.ts'

type PlainMove = 'use' | 'start' | 'advance' | 'constrain' | 'retry'

function move(name: PlainMove, summary: string, description: string, example: Example): Command {
  return defineChange({
    name,
    summary,
    description,
    args: planArgument,
    flags: reasonedFlags,
    examples: [example, ['only if nobody was faster', `plans ${name} PLAN --if-version 3`]],
    run: (call) => moveByVerb(call, (plans, { planId }, base) => plans[name](planId, base)),
  })
}

export const usePlan = move(
  'use',
  'put a plan to use: action to strategize',
  'Put a plan to use: from action/queued to strategize/queued.',
  ['put it to use', 'plans use PLAN'],
)

export const startPlan = move(
  'start',
  'begin the work of a phase',
  'Begin the work of the phase that the plan is in (strategize, execute or apply): from queued to processing.',
  ['in the name of the agent that works on it', 'plans start PLAN --actor otto'],
)

export const completePlan = defineChange({
  name: 'complete',
  summary: 'end the work of a phase; in apply this is final',
  description:
    'End the work of a phase: from processing to complete in strategize and execute, to applied in apply. Applied is final. A plan with live plans below it is applied with --tree alone, which cancels these, all or none; this asks first.',
  args: planArgument,
  flags: {
    ...reasonedFlags,
    tree: toggle('cancel the live plans below it, if it is applied'),
    yes: toggle('do not ask'),
  },
  examples: [
    ['the work of the phase is done', 'plans complete PLAN'],
    ['only if nobody was faster', 'plans complete PLAN --if-version 3'],
  ],
  run: (call) => {
    const { tree, yes } = call.flags
    return moveByVerb(call, async (plans, { planId }, base) => {
      if (tree) {
        const what = `${printableLine(planId)} would be applied for good, and every live plan below it cancelled`
        await call.confirm(what, yes)
      }
      return plans.complete(planId, { ...base, tree })
    })
  },
})

export const advancePlan = move(
  'advance',
  'go on to the next phase',
  'Go on to the next phase: from strategize/complete to execute/queued, from execute/complete to apply/queued. Where the profile leaves that to a human, it is made by one, with an approval, or by overriding the rule.',
  ['as a human, whom gates let pass', 'plans advance PLAN --actor human:ada'],
)

export const constrainPlan = move(
  'constrain',
  'stop applying: a bound is not kept',
  'Stop applying what was made, because it does not keep to a bound: from apply/processing to apply/constrained. From there a plan is reverted or cancelled.',
  ['a bound is not kept', 'plans constrain PLAN'],
)

export const retryPlan = move(
  'retry',
  'try again what failed',
  'Try again: from errored to queued in the same phase. The attempt rises by one, and the error is cleared.',
  ['try again', 'plans retry PLAN'],
)
