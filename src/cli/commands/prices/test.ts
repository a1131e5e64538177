// `purser prices test`: what a call would cost.

import type { PriceQuestion } from '../../../index.ts'
import { fieldsOf, whole } from '../../flags/flags.ts'
import { defineCommand } from '../../run/command.ts'
import { money } from '../../screen/amounts.ts'
import { printableLine } from '../../screen/text.ts'
import { callFlags } from './call-flags.ts'

const flags = {
  ...callFlags,
  inputTokens: whole('n', 'tokens sent that no cache had or took', { field: 'inputTokens' }),
  outputTokens: whole('n', 'tokens received, with those of reasoning', { field: 'outputTokens' }),
  reasoningTokens: whole('n', 'of the tokens received: those of reasoning', { field: 'reasoningTokens' }),
  cacheReadTokens: whole('n', 'tokens read from a cache', { field: 'cacheReadTokens' }),
  cacheWriteTokens: whole('n', 'tokens written to a cache', { field: 'cacheWriteTokens' }),
  cacheWrite1hTokens: whole('n', 'of the tokens written: those kept for an hour', {
    field: 'cacheWrite1hTokens',
  }),
}

export const testPrice = defineCommand({
  name: 'test',
  summary: 'compute what a call would cost, exactly; store nothing',
  flags,
  examples: [
    ['a call', 'prices test --provider openai --model gpt-4o --input-tokens 1200 --output-tokens 80'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const found = await store.costRecords.priceOf(fieldsOf(flags, call.flags) as unknown as PriceQuestion)
      return {
        data: found,
        show: () => {
          if (!found?.cost) return 'Not known: such a call is recorded without a cost.'
          return `${money(found.cost, found.currency)} by ${printableLine(found.priceSource)}`
        },
      }
    }),
})
