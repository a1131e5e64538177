// `purser profiles show`: what a profile lets its plans do automatically, step by step; or as a
// file that can serve as a template.

import type { AutomationProfile, KnownProfile } from '../../../index.ts'
import { toggle } from '../../flags/flags.ts'
import { defineCommand } from '../../run/command.ts'
import { CommandError } from '../../run/failure.ts'
import { facts } from '../../screen/facts.ts'
import type { Screen } from '../../screen/screen.ts'
import { grouped, printableLine } from '../../screen/text.ts'
import { absolute, relative } from '../../screen/times.ts'
import { findProfile, profileArgument } from './find.ts'
import { thresholdTable } from './gates.ts'

export const showProfile = defineCommand({
  name: 'show',
  summary: 'show what a profile lets its plans do by themselves',
  args: profileArgument,
  flags: { yaml: toggle('print it as a file: to edit it, and add it under another name') },
  examples: [
    ['what it lets plans do', 'profiles show cautious'],
    ['a file to make your own from', 'profiles show cautious --yaml > careful.yaml'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const known = await findProfile(store, call.args.name)
      const { stepMeanings } = await import('../../../index.ts')
      const { stringify } = await import('yaml')
      const { profile } = known
      if (call.flags.yaml && profile === null) throw unreadable(known)
      return {
        data: known,
        show: (screen) => {
          if (profile === null) throw unreadable(known)
          if (call.flags.yaml) return stringify(profile).trimEnd()
          return [
            `${screen.paint.bold(printableLine(known.name))}  ${screen.paint.dim(known.builtIn ? 'built in' : `of your own, version ${known.version}`)}`,
            ...(profile.description === '' ? [] : [printableLine(profile.description)]),
            '',
            ...thresholdTable(screen, profile, stepMeanings),
            '',
            ...boundLines(screen, profile, known),
          ].join('\n')
        },
      }
    }),
})

function boundLines(screen: Screen, profile: AutomationProfile, known: KnownProfile): readonly string[] {
  const { guards } = profile
  const atMost = (bound: number | null) => (bound === null ? null : `at most ${grouped(bound)}`)
  const when = (time: Date | null) =>
    time === null ? null : `${relative(time, screen.now)} (${absolute(time)})`
  return facts(screen, [
    ['Sandbox', profile.requireSandbox ? 'required' : 'not required'],
    ['Checkpoints', profile.requireCheckpoints ? 'required' : 'not required'],
    ['Unsafe tools', profile.allowUnsafeTools ? 'allowed' : 'not allowed'],
    ['Cost', guards.maxCostUsd === null ? null : `at most ${guards.maxCostUsd} USD`],
    ['Tokens', atMost(guards.maxTokens)],
    ['Tool calls', atMost(guards.maxToolCalls)],
    ['Denied tools', guards.deniedTools.map(printableLine).join(', ')],
    ['Created', when(known.createdAt)],
    ['Updated', when(known.updatedAt)],
  ])
}

function unreadable({ name }: KnownProfile): CommandError {
  return new CommandError(
    'UNREADABLE',
    `the stored definition of ${printableLine(name)} cannot be read, and plans cannot be made with it; remove the profile and add it again`,
  )
}
