// All commands, in the order in which help lists them. Their imports are light: the library is
// loaded when one of them runs.

import { actions } from '../commands/actions/area.ts'
import { agents } from '../commands/agents/area.ts'
import { approvals } from '../commands/approvals/area.ts'
import { audit } from '../commands/audit/area.ts'
import { budgets } from '../commands/budgets/area.ts'
import { doctor } from '../commands/care/doctor.ts'
import { drift } from '../commands/care/drift.ts'
import { enforce } from '../commands/care/enforce.ts'
import { migrate } from '../commands/care/migrate.ts'
import { prune } from '../commands/care/prune.ts'
import { completion } from '../commands/completion.ts'
import { costs } from '../commands/costs/area.ts'
import { demo } from '../commands/demo/command.ts'
import { init } from '../commands/init/command.ts'
import { messages } from '../commands/messages/area.ts'
import { parkedRuns } from '../commands/parked-runs/area.ts'
import { plans } from '../commands/plans/area.ts'
import { prices } from '../commands/prices/area.ts'
import { profiles } from '../commands/profiles/area.ts'
import { projects } from '../commands/projects/area.ts'
import { serve } from '../commands/serve/command.ts'
import { settings } from '../commands/settings/area.ts'
import { status } from '../commands/status/command.ts'
import { tasks } from '../commands/tasks/area.ts'
import { tenants } from '../commands/tenants/area.ts'
import { tokens } from '../commands/tokens/area.ts'
import { backup } from '../commands/transfer/backup.ts'
import { copy } from '../commands/transfer/copy.ts'
import { exportCommand } from '../commands/transfer/export.ts'
import { importCommand } from '../commands/transfer/import.ts'
import { watch } from '../commands/watch/command.ts'
import type { Area, Command, Example } from './command.ts'

/** Commands that belong together, under one heading of help. */
export interface CommandGroup {
  readonly title: string
  readonly entries: readonly (Area | Command)[]
}

export const groups: readonly CommandGroup[] = [
  { title: 'Start here:', entries: [status, demo, init, migrate, serve] },
  {
    title: 'Records:',
    entries: [
      ...[plans, actions, projects, profiles, tasks, costs, prices, budgets, messages],
      ...[approvals, agents, parkedRuns, audit, watch],
    ],
  },
  {
    title: 'Look after a database:',
    entries: [drift, doctor, backup, prune, enforce, settings, tenants, tokens],
  },
  { title: 'Move data:', entries: [exportCommand, importCommand, copy] },
  { title: 'Shell:', entries: [completion] },
]

export const areas: readonly (Area | Command)[] = groups.flatMap(({ entries }) => entries)

export const rootExamples: readonly Example[] = [
  ['which database is used, and what to do next', 'status'],
  ['see it at work on made-up data', 'demo'],
  ['make a database here, or upgrade the one that is here', 'migrate'],
  ['draw a plan and everything below it', 'plans tree PLAN'],
  ['move a task on', 'tasks transition TASK in_progress'],
  ['what the last week cost, by agent', 'costs report --by agent --since 7d'],
  ['what is left of each budget', 'budgets status'],
  ['read a channel', 'messages history CHANNEL'],
  ['everything into a file, for another database', 'export --out purser.jsonl.gz'],
  ['prove that the audit trail was not changed', 'audit verify'],
]

/** The command that the words name, as far as they do: `tasks list`, `tasks`, or nothing. */
export function commandPath(words: readonly string[]): string {
  for (const [index, word] of words.entries()) {
    const entry = areas.find(({ name }) => name === word)
    if (!entry) continue
    if ('run' in entry) return entry.name
    const verb = words.slice(index + 1).find((later) => entry.commands.some(({ name }) => name === later))
    return verb === undefined ? entry.name : `${entry.name} ${verb}`
  }
  return ''
}
