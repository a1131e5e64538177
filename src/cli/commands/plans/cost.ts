// `purser plans cost`: the exact cost of a plan, alone or with everything below it.

import { text, toggle } from '../../flags/flags.ts'
import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { totalLines } from '../costs/report-view.ts'
import { findPlan, planArgument } from './find.ts'
import { titleOf } from './view.ts'

export const costOfPlan = defineCommand({
  name: 'cost',
  summary: 'what a plan cost, by itself or with all below it',
  description:
    'What a plan cost, exactly; with --tree, together with everything below it. Money of two currencies is never added: each has a separate total.',
  args: planArgument,
  flags: {
    tree: toggle('with the plans below it'),
    currency: text('code', 'only costs in this currency', { field: 'currency' }),
  },
  examples: [
    ['a tree', 'plans cost demo/tide-service --tree'],
    ['the plan alone, in euros', 'plans cost demo/tide-service --currency EUR'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { tree, currency } = call.flags
      const plan = await findPlan(store, call.args.plan)
      const { planId } = plan
      const filter = { planId, currency, ...(tree ? { tree } : {}) }
      const totals = await store.costRecords.aggregate(filter, { by: ['currency'], largeCounts: 'text' })
      const single = totals.length === 0 ? await store.plans.cost(planId, { tree, currency }) : totals[0]
      const below = tree ? [] : (await store.plans.children(planId, { limit: 1 })).items
      const withTree = ['plans', 'cost', planId, '--tree', ...sameDatabase(call.global)]
      return {
        data: { planId, tree, total: totals.length > 1 ? null : single, totals },
        show: (screen) => {
          const what = tree ? 'this plan, or for one below it' : 'this plan itself'
          const lines =
            totals.length === 0
              ? screen.quiet
                ? []
                : [`No model calls are recorded for ${what}.`]
              : totalLines(screen, totals)
          if (screen.quiet) return lines.join('\n')
          return [
            `${screen.paint.bold(titleOf(plan))}${tree ? screen.paint.dim(' and everything below it') : ''}`,
            ...lines,
            ...(below.length > 0
              ? ['', screen.paint.dim('With the plans below it:'), `  ${commandLine(screen, withTree)}`]
              : []),
          ].join('\n')
        },
      }
    }),
})
