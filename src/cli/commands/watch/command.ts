// `purser watch`: prints changes as they are committed, until it is interrupted. Its lines are the
// output, so it prints by itself, with --json as well: a document would never end.

import { once } from 'node:events'
import type { ChangedRecord, CommittedChanges } from '../../../index.ts'
import { recordNames } from '../../../records/names.ts'
import { text, words } from '../../flags/flags.ts'
import { recordNamed } from '../../flags/record-names.ts'
import { defineCommand } from '../../run/command.ts'
import { endNormallyWhenInterrupted } from '../../run/interrupt.ts'
import { commandLine, withFlag } from '../../screen/command-line.ts'
import type { Screen } from '../../screen/screen.ts'
import { words as plain, printableLine } from '../../screen/text.ts'
import { absolute } from '../../screen/times.ts'

/** The records that the feed covers: those with a repository. */
const covered = recordNames.flatMap(({ type, property }): ChangedRecord[] =>
  property === null ? [] : [type as ChangedRecord],
)

const flags = {
  record: words(covered, 'only changes of these kinds of records (default: all)', { named: coveredNamed }),
  after: text('position', 'begin after this position, as --json shows it (default: now)'),
}

export const watch = defineCommand({
  name: 'watch',
  summary: 'print changes as they are committed, until interrupted',
  description:
    'Print what this and other programs commit, as it happens, until Ctrl-C: a line for each changed record, or with --json a line for each commit, with its position. Positions older than changes are kept are refused.',
  flags,
  examples: [
    ['everything as it happens', 'watch'],
    ['tasks alone, for another program', 'watch --record tasks --json'],
  ],
  run: async (call) => {
    const { record, after } = call.flags
    const signal = endNormallyWhenInterrupted()
    return call.withStore('existing', async (store) => {
      // What is heard is heard from a known position on, also if it is nothing.
      let last = after ?? (await store.changes.head())
      const records = record.length > 0 ? record : undefined
      let isValid = after === undefined
      try {
        for await (const commit of store.changes.follow({ after: last, signal, records })) {
          isValid = true
          const lines = call.global.json ? `${JSON.stringify(commit)}\n` : linesOf(commit, call.screen)
          if (!process.stdout.write(lines)) await once(process.stdout, 'drain')
          last = commit.position
        }
        isValid = true
      } finally {
        const again = commandLine(call.screen, withFlag(call.argv, '--after', last))
        if (isValid) call.note('info', `To continue from here: ${again}`)
      }
      return { data: null, isPrinted: true, show: () => '' }
    })
  },
})

/** A kind of record by any of its names, as far as the feed covers it. */
function coveredNamed(word: string): ChangedRecord | undefined {
  const named = recordNamed(word)
  return covered.find((type) => type === named)
}

/** A line for each changed record. */
function linesOf({ at, actor, changes }: CommittedChanges, { paint }: Screen): string {
  const head = `${paint.dim(absolute(at))}  ${printableLine(actor)}`
  return changes
    .map(({ record, id, op, version }) => {
      const what = `${plain(record)} ${op}  ${printableLine(id)}`
      return `${head}  ${what}${version === undefined ? '' : `  version ${version}`}\n`
    })
    .join('')
}
