// `purser budgets set`: makes a budget, or changes the one that has the name.

import type { BudgetPatch, NewBudget } from '../../../index.ts'
import { budgetPeriods, budgetScopes, exceededPolicies } from '../../../records/budgets/enums.ts'
import { defineChange, ifVersion } from '../../flags/actor-flag.ts'
import { checkPatch } from '../../flags/check-fields.ts'
import { either, type Flag, fieldsOf, shown as quoted, text, word } from '../../flags/flags.ts'
import { UsageError } from '../../run/failure.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { printableLine } from '../../screen/text.ts'
import { budgetArgument } from './find.ts'

const fields = {
  limit: text('amount', 'the most that may be spent in a period, for example 25 or 0.5', { field: 'limit' }),
  currency: text('code', 'the currency of the limit (default: USD)', { field: 'currency' }),
  period: word(budgetPeriods, 'how long the limit lasts (default: total)', { field: 'period' }),
  zone: text('name', 'the time zone by whose clock periods begin, for example Europe/Berlin (default: UTC)', {
    field: 'timeZone',
  }),
  scope: word(budgetScopes, 'what is counted; all but everything need --target (default: everything)', {
    field: 'scope',
  }),
  target: text('name', 'the project, agent, model, plan or task', { field: 'target' }),
  whenExceeded: word(exceededPolicies, 'what a reservation beyond the limit does (default: refuse)', {
    field: 'whenExceeded',
  }),
  active: either('whether it refuses and tells; with --no-active it rests', { field: 'active' }),
  warnAt: share('the share of the limit from which on it warns, 0 to 1 (default: 0.8)', 'warnAt'),
}

export const setBudget = defineChange({
  name: 'set',
  summary: 'make a budget, or change the one of this name',
  description:
    'Make a budget, or change what is given of the one that has the name. A new one needs --limit. A limit may be lower than what is spent: nothing more can be reserved then.',
  args: budgetArgument,
  flags: { ...fields, ifVersion: ifVersion('budget') },
  examples: [
    ['25 dollars a day for everything', 'budgets set daily --limit 25 --period day --zone Europe/Berlin'],
    ['for one project', 'budgets set parser --limit 100 --period month --scope project --target parser'],
    ['a lower limit', 'budgets set daily --limit 10'],
    ['let it rest', 'budgets set daily --no-active'],
  ],
  validate: ({ flags }) => checkPatch(({ budgetDefinition }) => budgetDefinition, fieldsOf(fields, flags)),
  run: async (call) => {
    const given = fieldsOf(fields, call.flags)
    return call.withStore('create', async (store) => {
      const { budgets } = call.acting(store)
      const { name } = call.args
      const before = await budgets.get(name)
      const version = call.flags.ifVersion ?? before?.version
      const defaults = { scope: 'everything', period: 'total' }
      const patch = given.scope === 'everything' ? { target: null, ...given } : given
      const budget =
        version === undefined
          ? await budgets.create({ ...defaults, ...given, name } as unknown as NewBudget)
          : await budgets.update(name, patch as BudgetPatch, { version })
      const shown = printableLine(budget.name)
      const status = ['budgets', 'status', ...sameDatabase(call.global)]
      return {
        data: budget,
        show: (screen) =>
          screen.quiet
            ? shown
            : version === undefined
              ? `Made budget ${screen.paint.bold(shown)}\n  ${screen.paint.dim(commandLine(screen, status))}`
              : `Updated budget ${screen.paint.bold(shown)}, now at version ${budget.version} ${screen.paint.dim(`(${Object.keys(given).join(', ')})`)}`,
      }
    })
  },
})

/** A part of a whole. */
function share(description: string, field: string): Flag<number | undefined> {
  return {
    metavar: 'share',
    description,
    field,
    initial: undefined,
    read: (value) => {
      const part = /^\d*\.?\d+$/.test(value) ? Number(value) : Number.NaN
      if (part >= 0 && part <= 1) return part
      throw new UsageError(`must be a number from 0 to 1; is ${quoted(value)}`)
    },
  }
}
