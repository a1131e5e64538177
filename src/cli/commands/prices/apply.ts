// `purser prices apply`: prices the calls whose cost is not known.

import { defineChange } from '../../flags/actor-flag.ts'
import { toggle } from '../../flags/flags.ts'
import { interruptionSignal } from '../../run/interrupt.ts'
import { money } from '../../screen/amounts.ts'
import { createProgress } from '../../screen/progress.ts'
import { counted, grouped } from '../../screen/text.ts'
import { costFilterOf, costFilters } from '../costs/filters.ts'

const { costStatus: _, ...filters } = costFilters

export const applyPrices = defineChange({
  name: 'apply',
  summary: 'price the calls whose cost is not known',
  description:
    'Price the calls whose cost is not known, by the configuration and the bundled table: in batches, each with its totals and an audit entry, so that every total is exact at any moment. A run that was stopped continues when it is started again. What no table knows waits on.',
  flags: { dryRun: toggle('only say what would be priced'), ...filters },
  examples: [
    ['what would be priced', 'prices apply --dry-run'],
    ['the calls of one provider', 'prices apply --provider acme'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { dryRun } = call.flags
      const filter = costFilterOf({ ...call.flags, costStatus: [] })
      const progress = createProgress(process.stderr, call.screen.paint, call.global.quiet)
      try {
        const result = await call.acting(store).costRecords.applyPrices(filter, {
          dryRun,
          signal: interruptionSignal(),
          onProgress: ({ seen, priced }) =>
            progress.update(null, `${counted(seen, 'call')} looked at, ${grouped(priced)} priced`),
        })
        return {
          data: { ...result, dryRun },
          show: () => {
            const amounts = Object.entries(result.costs).map(([currency, cost]) => money(cost, currency))
            const sum = amounts.length === 0 ? '' : `: ${amounts.join(' + ')}`
            const rest = result.left === 0 ? '' : `; ${counted(result.left, 'call')} without a price`
            return `${dryRun ? 'Would price' : 'Priced'} ${counted(result.priced, 'call')}${sum}${rest}`
          },
        }
      } finally {
        progress.clear()
      }
    }),
})
