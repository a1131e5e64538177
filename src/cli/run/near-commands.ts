// Suggestions for an unknown command: the verb of another area (`purser report`), a flag
// (`purser version`), or a synonym (`tasks get`).

import { globalSwitches } from './normalize-argv.ts'
import { areas } from './registry.ts'

/** Synonyms; if the area has a command with one of them, the others suggest it. */
const synonyms: readonly (readonly string[])[] = [
  ['show', 'get', 'view', 'describe', 'info', 'cat', 'read', 'inspect'],
  ['list', 'ls', 'history', 'log', 'all'],
  ['create', 'add', 'new', 'make', 'insert', 'send', 'record', 'append', 'post', 'write'],
  ['update', 'edit', 'set', 'change', 'modify', 'patch'],
  ['delete', 'remove', 'rm', 'del', 'destroy'],
  ['transition', 'move', 'start', 'complete', 'fail', 'status', 'done', 'finish'],
  ['assign', 'give', 'reassign', 'delegate'],
  ['search', 'find', 'grep'],
  ['report', 'cost', 'sum', 'total', 'totals', 'spend', 'usage', 'summary'],
  ['migrate', 'upgrade', 'downgrade'],
  ['export', 'dump'],
  ['import', 'load', 'restore'],
  ['doctor', 'check', 'fsck', 'repair', 'examine'],
  ['prune', 'clean', 'gc', 'vacuum', 'purge'],
  ['init', 'config', 'configure', 'setup'],
]

/** Where the answer is, if the area has no command for it. */
const elsewhere: Readonly<Record<string, string>> = {
  'tasks search': 'tasks list --search',
  'tasks find': 'tasks list --search',
  'tasks counts': 'status',
  'tasks count': 'status',
}

/** The most suggestions. */
const MOST = 3

/**
 * The commands that are near an unknown word, as they are typed after `purser`.
 * @param path the area in which the word was typed; empty for a command of the program
 */
export function nearCommands(word: string, path: string): readonly string[] {
  const [areaName] = path.split(' ')
  const area = areas.find(({ name }) => name === areaName)
  if (area && !('run' in area)) {
    const other = elsewhere[`${area.name} ${word}`]
    if (other !== undefined) return [other]
    const same = synonyms.filter((group) => group.includes(word)).flat()
    return area.commands.filter(({ name }) => same.includes(name)).map(({ name }) => `${area.name} ${name}`)
  }
  const flag = globalSwitches.find((name) => name === `--${word}`)
  if (flag !== undefined) return [flag]
  const verbs = areas.flatMap((entry) =>
    'run' in entry
      ? []
      : entry.commands.filter(({ name }) => name === word).map(() => `${entry.name} ${word}`),
  )
  if (verbs.length > 0) return verbs.slice(0, MOST)
  const same = synonyms.filter((group) => group.includes(word)).flat()
  return areas
    .filter((entry) => 'run' in entry && same.includes(entry.name))
    .map(({ name }) => name)
    .slice(0, MOST)
}
