// `purser prices …`

import type { Area } from '../../run/command.ts'
import { applyPrices } from './apply.ts'
import { setPrice } from './set.ts'
import { showPrices } from './show.ts'
import { testPrice } from './test.ts'

export const prices: Area = {
  name: 'prices',
  summary: 'what calls without a cost are priced by: show, set, test, apply',
  commands: [showPrices, setPrice, testPrice, applyPrices],
}
