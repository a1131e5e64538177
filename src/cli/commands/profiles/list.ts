// `purser profiles list`: every automation profile, the built-in ones first.

import type { AutomationStep, KnownProfile } from '../../../index.ts'
import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { counted, printableLine } from '../../screen/text.ts'

export const listProfiles = defineCommand({
  name: 'list',
  summary: 'list automation profiles, from careful to automatic, then your own',
  description:
    'List automation profiles: the nine that are built in, from the most careful to the most automatic, then those of your own. Of the eleven steps of a plan, each decides how many are taken automatically, with enough confidence, or by a human.',
  examples: [
    ['all of them', 'profiles list'],
    ['for a program', 'profiles list --json'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const profiles = await store.automationProfiles.list()
      const { automationSteps } = await import('../../../index.ts')
      const own = profiles.filter(({ builtIn }) => !builtIn).length
      const show = commandLine(call.screen, ['profiles', 'show', 'balanced', ...sameDatabase(call.global)])
      return {
        data: {
          items: profiles,
          nextCursor: null,
          summary: { shown: profiles.length, total: profiles.length },
        },
        show: (screen) => {
          const lines = profileTable(screen, profiles, automationSteps)
          if (screen.quiet) return lines.join('\n')
          const size = `${counted(profiles.length, 'profile')}, ${own} of your own; one with all its steps:`
          return [...lines, '', screen.paint.dim(size), `  ${show}`].join('\n')
        },
      }
    }),
})

function profileTable(
  screen: Screen,
  profiles: readonly KnownProfile[],
  steps: readonly AutomationStep[],
): readonly string[] {
  const count = (known: KnownProfile, decides: (threshold: number) => boolean) => {
    const { profile } = known
    return profile === null ? '?' : String(steps.filter((step) => decides(profile[step])).length)
  }
  return table(
    screen,
    [
      { title: 'NAME', value: ({ name }) => printableLine(name), paint: (text) => screen.paint.bold(text) },
      { title: 'AUTOMATIC', align: 'end', value: (known) => count(known, (at) => at === 0) },
      { title: 'CONFIDENT', align: 'end', value: (known) => count(known, (at) => at > 0 && at < 1) },
      { title: 'HUMAN', align: 'end', value: (known) => count(known, (at) => at === 1) },
      { title: 'KIND', value: ({ builtIn }) => (builtIn ? 'built in' : 'own'), spare: 1 },
      {
        title: 'DESCRIPTION',
        value: ({ profile }) => (profile === null ? 'cannot be read' : printableLine(profile.description)),
        shrinkTo: 16,
      },
    ],
    profiles,
  )
}
