// `purser costs …`

import type { Area } from '../../run/command.ts'
import { listCosts } from './list.ts'
import { recordCost } from './record.ts'
import { reportCosts } from './report.ts'
import { unpricedCosts } from './unpriced.ts'

export const costs: Area = {
  name: 'costs',
  record: 'cost_record',
  summary: 'what model calls cost: report, list, unpriced, record',
  commands: [reportCosts, listCosts, unpricedCosts, recordCost],
}
