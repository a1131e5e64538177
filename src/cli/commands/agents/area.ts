// `purser agents …`

import type { Area } from '../../run/command.ts'
import { listAgents } from './list.ts'
import { showAgent } from './show.ts'

export const agents: Area = {
  name: 'agents',
  record: 'agent',
  summary: 'who works here, and when it was last heard of: list, show',
  commands: [listAgents, showAgent],
}
