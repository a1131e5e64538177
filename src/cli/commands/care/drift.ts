// `purser drift`: where the schema of a database differs from the one that this build declares. It
// changes nothing.

import type { DifferenceKind, SchemaDifference } from '../../../index.ts'
import { defineCommand, endingWith } from '../../run/command.ts'
import { useStore } from '../../run/session.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { counted, cut, printableLine } from '../../screen/text.ts'

export const drift = defineCommand({
  name: 'drift',
  summary: 'compare the schema with the declared one',
  description:
    'Compare the tables, columns, defaults, keys, checks, indexes and triggers of a database with what this build declares. Nothing is changed. The exit code is 3 when there is a difference.',
  examples: [
    ['the database here', 'drift'],
    ['another one', 'drift --url sqlite:operations.db'],
    ['every difference whole, for a program', 'drift --json'],
  ],
  run: (call) =>
    useStore(call.global, 'any-version', async (store) => {
      const differences = await store.drift()
      const { location } = store
      const doctor = (screen: Screen) => commandLine(screen, ['doctor', ...sameDatabase(call.global)])
      return {
        data: { differences },
        ...endingWith(
          differences.length > 0 && {
            code: 'DRIFT',
            text: `The schema has ${counted(differences.length, 'difference')}.`,
          },
        ),
        show: (screen) => {
          if (differences.length > 0) return driftText(screen, location, differences, doctor(screen))
          return screen.quiet ? '' : `${screen.paint.green('✔')} The schema of ${location} is as declared.`
        },
      }
    }),
})

function driftText(
  screen: Screen,
  location: string,
  differences: readonly SchemaDifference[],
  next: string,
): string {
  const { bold, dim, green, red } = screen.paint
  const lines = table(
    screen,
    [
      { title: 'TABLE', value: ({ table: name }) => printableLine(name) },
      { title: 'COLUMN', value: ({ column }) => (column === undefined ? '–' : printableLine(column)) },
      { title: 'WHAT', value: ({ kind }) => kind },
      {
        title: 'DECLARED',
        value: ({ kind, declared }) => fact(screen, declared, objects.has(kind) ? 'unknown' : 'none'),
        shrinkTo: 12,
        paint: green,
      },
      {
        title: 'LIVE',
        value: ({ kind, live }) => fact(screen, live, objects.has(kind) ? 'missing' : 'none'),
        shrinkTo: 12,
        paint: red,
      },
    ],
    differences,
  )
  if (screen.quiet) return lines.join('\n')
  const what = counted(differences.length, 'difference')
  return [
    bold(`${what} between ${location} and the declared schema:`),
    '',
    ...lines,
    '',
    dim(
      'Purser leaves a schema that was changed by hand as it is. With no program writing, and a backup: drop an index or a trigger that differs, and run the statement that makes it, of those that `purser migrate --plan --url sqlite::memory:` prints (for a server, the URL of an empty database of its kind). A column or a table that was added may stay.',
    ),
    dim('Next:'),
    `  ${next}`,
  ].join('\n')
}

/** Things that exist or not; all other kinds are properties of one that exists. */
const objects: ReadonlySet<DifferenceKind> = new Set([
  'table',
  'column',
  'foreign key',
  'check',
  'index',
  'trigger',
])

/** Cells of a definition that are shown without --verbose. */
const WIDTH = 60

function fact(screen: Screen, text: string | null, absent: string): string {
  if (text === null) return absent
  const line = printableLine(text)
  return screen.verbose ? line : cut(line, WIDTH)
}
