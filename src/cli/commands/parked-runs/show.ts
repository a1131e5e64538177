// `purser parked-runs show`: everything about one parked run. Its state is printed with --json, as
// base64.

import { identify } from '../../flags/identify.ts'
import { defineCommand, required } from '../../run/command.ts'
import { bytes } from '../../screen/amounts.ts'
import { facts } from '../../screen/facts.ts'
import { printableLine } from '../../screen/text.ts'
import { absolute, relative } from '../../screen/times.ts'

export const showParkedRun = defineCommand({
  name: 'show',
  summary: 'show one parked run; with --json also its state',
  description:
    'Show one parked run. The state is for the program that parked it, and only --json prints it: as base64. Showing it does not resume it.',
  args: { run: required('the id of the parked run, or the beginning of it') },
  examples: [
    ['one parked run', 'parked-runs show RUN'],
    ['with its state', 'parked-runs show RUN --json'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const run = await identify(store.parkedRuns, call.args.run, {
        noun: 'parked run',
        list: 'purser parked-runs list',
      })
      return {
        data: run,
        show: (screen) => {
          const when = (time: Date) => `${relative(time, screen.now)} (${absolute(time)})`
          const optional = (text: string | null) => (text === null ? null : printableLine(text))
          const { resumedAt, resumedBy, metadata } = run
          return [
            `${screen.paint.bold(printableLine(run.id))}  ${resumedAt === null ? screen.paint.yellow('waits') : screen.paint.dim('resumed')}`,
            '',
            ...facts(screen, [
              ['Agent', printableLine(run.agentId)],
              ['Format', printableLine(run.format)],
              ['State', bytes(run.stateSize)],
              ['Approval', optional(run.approvalId)],
              ['Plan', optional(run.planId)],
              ['Task', optional(run.taskId)],
              ['Parked', when(run.createdAt)],
              [
                'Resumed',
                resumedAt === null ? null : `${when(resumedAt)} by ${printableLine(resumedBy ?? '')}`,
              ],
              [
                'Metadata',
                Object.keys(metadata).length === 0 ? null : printableLine(JSON.stringify(metadata)),
              ],
            ]),
          ].join('\n')
        },
      }
    }),
})
