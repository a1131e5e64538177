// `purser plans redo` and `revert`: back to strategize, with a reason. A plan may be reverted three
// times.

import { defineChange } from '../../flags/actor-flag.ts'
import { text } from '../../flags/flags.ts'
import type { Outcome } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { textOrStdin } from '../../run/stdin.ts'
import { planArgument } from './find.ts'
import { type MoveCall, moveByVerb, ruleFlags } from './run-move.ts'

export const revertPlan = defineChange({
  name: 'revert',
  summary: 'take a plan back to strategize',
  description:
    'Take a plan back to strategize/queued, from execute (queued, processing, complete, errored) or apply (queued, processing, constrained, errored). What belongs to its strategy is dropped: results, decisions, and the live plans below, which are cancelled. A plan may be reverted three times.',
  args: planArgument,
  flags: {
    reason: text('text', 'why; needed; - reads it from standard input'),
    ...ruleFlags,
  },
  examples: [['it has to be thought over', 'plans revert PLAN --reason "the page hides the time zone"']],
  run: (call) => backWithReason(call, 'revert'),
})

export const redoPlan = defineChange({
  name: 'redo',
  summary: 'have a strategy thought over again',
  description:
    'Have a strategy thought over again before anything was done by it: from strategize/complete to strategize/queued. It is no reversion, and may be made any number of times.',
  args: planArgument,
  flags: {
    reason: text('text', 'why; needed; - reads it from standard input'),
    ...ruleFlags,
  },
  examples: [
    ['the strategy leaves something out', 'plans redo PLAN --reason "where does the data come from?"'],
  ],
  run: (call) => backWithReason(call, 'redo'),
})

async function backWithReason(call: MoveCall, move: 'redo' | 'revert'): Promise<Outcome> {
  const reason = await textOrStdin('--reason', call.flags.reason)
  if (reason === undefined) throw new UsageError('--reason is required')
  if (reason.trim() === '') throw new UsageError('--reason must not be blank')
  return moveByVerb(call, (plans, { planId }, base) => plans[move](planId, reason, base), false)
}
