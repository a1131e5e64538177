// `purser agents show`: everything about one agent, and the runs that it has parked.

import { identify } from '../../flags/identify.ts'
import { defineCommand, required } from '../../run/command.ts'
import { agentLines } from './view.ts'

export const showAgent = defineCommand({
  name: 'show',
  summary: 'show one agent, and what waits for it',
  args: { agent: required('the id of the agent, or the beginning of it') },
  examples: [
    ['one agent', 'agents show otto'],
    ['as JSON', 'agents show otto --json'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const agent = await identify(store.agents, call.args.agent, {
        noun: 'agent',
        list: 'purser agents list',
      })
      const parkedRuns = await store.parkedRuns.count({ agentId: agent.id, resumed: false })
      return {
        data: { ...agent, related: { parkedRuns } },
        show: (screen) =>
          [
            ...agentLines(screen, agent),
            ...(screen.quiet || parkedRuns === 0 ? [] : ['', `Its runs that wait: ${parkedRuns}`]),
          ].join('\n'),
      }
    }),
})
