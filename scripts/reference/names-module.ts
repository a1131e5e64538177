// src/records/names.ts: the names of every record, from the registry, for code that must not load
// the registry.

import { namesOf, type RecordNames } from '../../src/records/entry.ts'
import { records } from '../../src/records/registry.ts'

export function namesModule(names: readonly RecordNames[] = namesOf(records)): string {
  const quoted = (text: string | null) => (text === null ? 'null' : `'${text}'`)
  const entries = names.map(({ type, table, property, aliases }) =>
    [
      '  {',
      `    type: ${quoted(type)},`,
      `    table: ${quoted(table)},`,
      `    property: ${quoted(property)},`,
      `    aliases: [${aliases.map(quoted).join(', ')}],`,
      '  },',
    ].join('\n'),
  )
  return `// The names of every record, in the order of the registry. \`npm run docs\` writes it from
// registry.ts; \`npm run check\` compares the two. It imports nothing, so that help needs no library.

/** As they are in files and on the command line. */
export const storedTypes = [
${names.map(({ type }) => `  ${quoted(type)},`).join('\n')}
] as const

export const recordNames = [
${entries.join('\n')}
] as const
`
}
