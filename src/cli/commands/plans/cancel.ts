// `purser plans cancel`: cancels a plan, with --tree everything below it too. Cancelling a whole
// tree asks first.

import type { Store } from '../../../index.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { text, toggle } from '../../flags/flags.ts'
import { UsageError } from '../../run/failure.ts'
import { textOrStdin } from '../../run/stdin.ts'
import { counted, printableLine } from '../../screen/text.ts'
import { findPlan, planArgument } from './find.ts'
import { inVerbs, movedOutcome, optionsOf, ruleFlags, verbsFrom } from './run-move.ts'
import { titleOf } from './view.ts'

export const cancelPlan = defineChange({
  name: 'cancel',
  summary: 'end a plan that is not applied, or a whole tree',
  description:
    'End a plan that is neither applied nor cancelled. With --tree, every plan below it that is neither goes with it, all or none; this asks first. Cancelled is final.',
  args: planArgument,
  flags: {
    reason: text('text', 'why; - reads it from standard input'),
    tree: toggle('the plans below it too'),
    yes: toggle('do not ask'),
    ...ruleFlags,
  },
  examples: [
    ['one plan', 'plans cancel PLAN --reason "lakes have next to no tides"'],
    ['everything of it, in a script', 'plans cancel demo/tide-service --tree --yes'],
  ],
  run: async (call) => {
    const { flags, args } = call
    const reason = (await textOrStdin('--reason', flags.reason)) ?? null
    if (reason?.trim() === '') throw new UsageError('--reason must not be blank; leave it out to give none')
    return call.withStore('existing', async (store) => {
      const before = await findPlan(store, args.plan)
      const version = flags.ifVersion ?? before.version
      const next = await verbsFrom(before)
      if (flags.tree && next.includes('cancel')) {
        const live = await countLive(store, before.planId)
        const what = `${counted(live, 'plan')} would be cancelled for good: ${printableLine(before.planId)} (${titleOf(before)}) and those below it that are neither applied nor cancelled`
        await call.confirm(what, flags.yes)
      }
      let cancelled = 0
      store.on('persistence.plan.moved', () => {
        cancelled += 1
      })
      const { plans } = call.acting(store)
      try {
        const after = await plans.cancel(before.planId, reason, {
          version,
          tree: flags.tree,
          ...optionsOf(flags),
        })
        const outcome = movedOutcome(before, after, [])
        return {
          data: { ...after, cancelledPlans: cancelled },
          show: async (screen) => {
            const text = await outcome.show(screen)
            return cancelled > 1 && text !== ''
              ? `${text}\n${screen.paint.dim(`  ${counted(cancelled, 'plan')} cancelled in all`)}`
              : text
          },
        }
      } catch (error) {
        throw await inVerbs(error, before, call)
      }
    })
  },
})

/** How many plans of a tree are neither applied nor cancelled. */
async function countLive(store: Store, id: string): Promise<number> {
  const tree = await store.plans.tree(id)
  const states = [...(tree?.nodes.values() ?? [])].map(({ plan }) => plan.state)
  return states.filter((state) => state !== 'applied' && state !== 'cancelled').length
}
