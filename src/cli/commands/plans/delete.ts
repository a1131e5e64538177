// `purser plans delete`: deletes a plan permanently, with --tree everything below it too. Costs,
// messages and audit entries are kept.

import { defineChange } from '../../flags/actor-flag.ts'
import { toggle } from '../../flags/flags.ts'
import { CommandError } from '../../run/failure.ts'
import { counted, printableLine } from '../../screen/text.ts'
import { findPlan, planArgument } from './find.ts'
import { titleOf } from './view.ts'

export const deletePlan = defineChange({
  name: 'delete',
  summary: 'delete a plan for good, or a whole tree',
  description:
    'Delete a plan for good; with --tree, everything below it too, all or none. What it cost, what was said about it and what the audit trail has of it stay recorded. Plans that tasks belong to are not deleted. Asks first.',
  args: planArgument,
  flags: { tree: toggle('the plans below it too'), yes: toggle('do not ask') },
  examples: [
    ['one plan, after a question', 'plans delete PLAN'],
    ['a whole tree, in a script', 'plans delete demo/tide-service --tree --yes'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { tree, yes } = call.flags
      const plan = await findPlan(store, call.args.plan)
      const { planId } = plan
      const found = await store.plans.tree(planId)
      const below = found === null ? 0 : found.nodes.size - 1 + found.corrupt.length
      if (below > 0 && !tree) throw hasPlansBelow(planId, below)
      const which = `${printableLine(planId)} (${titleOf(plan)})`
      const what =
        below === 0
          ? `Plan ${which} would be deleted for good`
          : `${counted(below + 1, 'plan')} would be deleted for good: ${which} and ${counted(below, 'plan')} below it`
      await call.confirm(what, yes)
      let deleted = 0
      store.on('persistence.plan.deleted', ({ plans }) => {
        deleted = plans
      })
      const acting = call.acting(store)
      const gone = await acting.plans.delete(planId, { tree })
      // Another process deleted it first.
      if (!gone) await findPlan(store, planId)
      return {
        data: { planId, deleted: gone, plans: deleted },
        show: (screen) =>
          screen.quiet
            ? ''
            : `Deleted plan ${screen.paint.bold(printableLine(planId))}${deleted > 1 ? ` and ${counted(deleted - 1, 'plan')} below it` : ''}`,
      }
    }),
})

function hasPlansBelow(id: string, below: number): CommandError {
  const them = below === 1 ? 'is 1 plan' : `are ${counted(below, 'plan')}`
  return new CommandError(
    'PLAN_HAS_CHILDREN',
    `there ${them} below ${printableLine(id)}; --tree deletes them too, purser plans tree shows them`,
  )
}
