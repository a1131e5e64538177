// How agents are shown: in a table, and one by one.

import type { Agent } from '../../../index.ts'
import { facts } from '../../screen/facts.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { printableLine } from '../../screen/text.ts'
import { absolute, relative } from '../../screen/times.ts'

function paintedStatus({ paint }: Pick<Screen, 'paint'>, { status }: Agent, text: string = status): string {
  if (status === 'active') return paint.green(text)
  return status === 'idle' ? paint.yellow(text) : paint.dim(text)
}

/** A table of agents, one line each. */
export function agentTable(screen: Screen, agents: readonly Agent[]): readonly string[] {
  return table(
    screen,
    [
      { title: 'ID', value: ({ id }) => printableLine(id) },
      {
        title: 'STATUS',
        value: ({ status }) => status,
        paint: (text, agent) => paintedStatus(screen, agent, text),
      },
      { title: 'ROLE', value: ({ role }) => printableLine(role ?? '–') },
      { title: 'CAN', value: ({ capabilities }) => printableLine(capabilities.join(', ')), shrinkTo: 16 },
      { title: 'SEEN', value: ({ lastSeenAt }) => screen.time(lastSeenAt), spare: 1 },
    ],
    agents,
  )
}

/** Every field of an agent that is set. */
export function agentLines(screen: Screen, agent: Agent): readonly string[] {
  const when = (time: Date) => `${relative(time, screen.now)} (${absolute(time)})`
  const optional = (text: string | null) => (text === null ? null : printableLine(text))
  const { metadata, capabilities } = agent
  return [
    `${screen.paint.bold(printableLine(agent.id))}  ${paintedStatus(screen, agent)}`,
    '',
    ...facts(screen, [
      ['Name', optional(agent.displayName)],
      ['Role', optional(agent.role)],
      ['Can', capabilities.length === 0 ? null : printableLine(capabilities.join(', '))],
      ['Last seen', when(agent.lastSeenAt)],
      ['First seen', when(agent.createdAt)],
      ['Updated', `${when(agent.updatedAt)}, version ${agent.version}`],
      ['Metadata', Object.keys(metadata).length === 0 ? null : printableLine(JSON.stringify(metadata))],
    ]),
  ]
}
