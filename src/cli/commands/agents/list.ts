// `purser agents list`: one page of agents, by id.

import type { AgentFilter } from '../../../index.ts'
import { agentStatuses } from '../../../records/agents/enums.ts'
import { fieldsOf, under, words } from '../../flags/flags.ts'
import { anyOf, changeFilters, listOutcome, orderedPaging, readPage } from '../../flags/listing.ts'
import { defineCommand } from '../../run/command.ts'
import { agentTable } from './view.ts'

const filters = under('Filters:', {
  status: words(agentStatuses, 'only agents that are one of these', { field: 'status' }),
  role: anyOf('name', 'only agents of this role', 'role'),
  ...changeFilters('agents'),
})

export const listAgents = defineCommand({
  name: 'list',
  summary: 'list agents by id, with when each was last heard of',
  flags: { ...filters, ...orderedPaging('oldest') },
  examples: [
    ['all of them', 'agents list'],
    ['who is at work', 'agents list --status active'],
    ['who has fallen silent', 'agents list --status idle'],
  ],
  run: async (call) => {
    const filter = fieldsOf(filters, call.flags) as AgentFilter
    return call.withStore('existing', async (store) => {
      const page = await readPage(call.flags, (part) => store.agents.list(filter, part))
      const total = await store.agents.count(filter)
      return listOutcome(call, {
        page,
        total,
        noun: 'agent',
        empty:
          Object.keys(filter).length > 0
            ? 'No agent matches; leave out the filter to see more.'
            : 'No agent was seen yet. Agents say that they are there by store.agents.seen(id).',
        toJson: (agent) => agent,
        show: (agents, screen) => agentTable(screen, agents),
      })
    })
  },
})
