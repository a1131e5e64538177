// `purser parked-runs …`

import type { Area } from '../../run/command.ts'
import { listParkedRuns } from './list.ts'
import { showParkedRun } from './show.ts'

export const parkedRuns: Area = {
  name: 'parked-runs',
  record: 'parked_run',
  summary: 'runs of agents that wait for something: list, show',
  commands: [listParkedRuns, showParkedRun],
}
