// `purser prices set`: checks a price of the configuration, and says what to write into the
// configuration. It does not write: the file is its owner's, with comments and an order that a
// program would lose.

import { fieldsOf, text } from '../../flags/flags.ts'
import { defineCommand } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'

const perMillion = (description: string, field: string) =>
  text('amount', `a million tokens ${description}`, { field })

const flags = {
  provider: text('pattern', 'who sells it; * stands for any characters', { field: 'provider' }),
  model: text('pattern', 'the models; * stands for any characters', { field: 'model' }),
  biller: text('pattern', 'only calls that this one charges for', { field: 'biller' }),
  since: text('day', 'from this day on, in UTC (default: always)', { field: 'since' }),
  currency: text('code', 'of the prices (default USD)', { field: 'currency' }),
  input: perMillion('sent', 'input'),
  output: perMillion('received', 'output'),
  reasoning: perMillion('of reasoning (default: as received)', 'reasoning'),
  cacheRead: perMillion('read from a cache (default: as sent)', 'cacheRead'),
  cacheWrite: perMillion('written to a cache (default: as sent)', 'cacheWrite'),
  cacheWrite1h: perMillion('kept for an hour (default: as written)', 'cacheWrite1h'),
  request: text('amount', 'each request, besides its tokens', { field: 'request' }),
}

export const setPrice = defineCommand({
  name: 'set',
  summary: 'check a price of your own, and show what to write into the configuration',
  description:
    'Check a price of your own, and show the lines for purser.config.yaml; nothing is written. Prices of the configuration come before the bundled table; of several, the one that began last. Then `purser prices apply` prices the calls that wait.',
  flags,
  examples: [
    [
      'a model of your own',
      "prices set --provider acme --model 'large-*' --since 2026-01-01 --input 3 --output 15 --cache-read 0.3",
    ],
  ],
  run: async (call) => {
    const rule = fieldsOf(flags, call.flags)
    const [{ checkPriceRule }, { stringify }] = await Promise.all([
      import('../../../config/price-rules.ts'),
      import('yaml'),
    ])
    const fault = checkPriceRule(rule)
    if (fault !== undefined) throw new UsageError(fault)
    return {
      data: { prices: [rule] },
      show: (screen) => {
        const lines = stringify({ prices: [rule] }).trimEnd()
        return screen.quiet ? lines : `Write this into purser.config.yaml, beside other prices:\n\n${lines}`
      },
    }
  },
})
