// `purser budgets remove`: deletes a budget. Costs stay; what reservations held in it is free.

import { defineChange } from '../../flags/actor-flag.ts'
import { toggle } from '../../flags/flags.ts'
import { printableLine } from '../../screen/text.ts'
import { budgetArgument, findBudget } from './find.ts'

export const removeBudget = defineChange({
  name: 'remove',
  summary: 'remove a budget',
  description:
    'Remove a budget for good; costs stay, and what reservations held in it is free. To keep it for later, let it rest: budgets set NAME --no-active. Asks first.',
  args: budgetArgument,
  flags: { yes: toggle('do not ask') },
  examples: [
    ['after a question', 'budgets remove daily'],
    ['in a script', 'budgets remove daily --yes'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { name } = await findBudget(store, call.args.name)
      await call.confirm(`Budget ${printableLine(name)} would be removed for good`, call.flags.yes)
      const deleted = await call.acting(store).budgets.delete(name)
      // Another process deleted it first.
      if (!deleted) await findBudget(store, name)
      return {
        data: { name, deleted },
        show: (screen) => (screen.quiet ? '' : `Removed budget ${screen.paint.bold(printableLine(name))}`),
      }
    }),
})
