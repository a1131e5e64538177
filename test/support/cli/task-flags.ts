// Commands of `purser tasks`, and the fields for which they have no flag.

import { tasks as area } from '../../../src/cli/commands/tasks/area.ts'
import { taskDefinition } from '../../../src/index.ts'

export function commandOf(name: string) {
  const command = area.commands.find((candidate) => candidate.name === name)
  if (!command) throw new Error(`no tasks ${name}`)
  return command
}

/** Fields of the definition for which a command has no flag. */
export function missingFlags(
  name: string,
  wanted: (spec: (typeof taskDefinition.columns)[number]['spec']) => boolean,
): readonly string[] {
  const fields = new Set(Object.values(commandOf(name).flags ?? {}).map(({ field }) => field))
  return taskDefinition.columns
    .filter(({ field, spec }) => wanted(spec) && !fields.has(field))
    .map(({ field }) => field)
}
