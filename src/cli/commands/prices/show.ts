// `purser prices show`: the unit prices of a model.

import type { PriceQuestion } from '../../../index.ts'
import { fieldsOf } from '../../flags/flags.ts'
import { defineCommand } from '../../run/command.ts'
import { facts } from '../../screen/facts.ts'
import { printableLine } from '../../screen/text.ts'
import { callFlags } from './call-flags.ts'

export const showPrices = defineCommand({
  name: 'show',
  summary: 'show what a million tokens of a model cost, and where that comes from',
  description:
    'Show what a million tokens of a model cost: by the prices of the configuration (`prices`), else by the bundled table, which is never fetched. A kind of tokens without a price has that of what it is a part of.',
  flags: callFlags,
  examples: [
    ['a model', 'prices show --provider openai --model gpt-4o'],
    ['a year ago', 'prices show --provider anthropic --model claude-sonnet-4-5 --timestamp 1y'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const found = await store.costRecords.priceOf(
        fieldsOf(callFlags, call.flags) as unknown as PriceQuestion,
      )
      if (!found)
        return {
          data: null,
          show: () => 'No table knows a price of that model; purser prices set says how to give one.',
        }
      return {
        data: found,
        show: (screen) =>
          facts(screen, [
            ['From', printableLine(found.priceSource)],
            ...Object.entries(found.prices).map(
              ([kind, price]) =>
                [
                  kind,
                  `${price} ${found.currency} a ${kind === 'request' ? 'request' : 'million tokens'}`,
                ] as const,
            ),
          ]).join('\n'),
      }
    }),
})
