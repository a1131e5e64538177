// Which profile a plan gets: its own, else its action's, else that of one of its projects, else the
// global setting, else the default. The first level that names one decides. An unknown name is an
// error; it never falls through to the next level.

import { InvalidRecordError } from '../../errors.ts'
import { builtInProfiles, DEFAULT_AUTOMATION_PROFILE } from './built-in.ts'
import type { AutomationProfile } from './profile.ts'
import type { AutomationProfileRepository } from './repository.ts'

/** The level at which a plan's profile was chosen. */
export const profileProvenances = ['plan', 'action', 'project', 'global'] as const
export type ProfileProvenance = (typeof profileProvenances)[number]

/** The name chosen at each level; undefined or null for none. */
export type ProfileChoices = { readonly [L in ProfileProvenance]?: string | null | undefined }

export interface ResolvedProfile {
  readonly provenance: ProfileProvenance
  readonly profile: AutomationProfile
}

/** @throws InvalidRecordError for a blank or unknown name; the message lists the known ones */
export async function resolveProfile(
  choices: ProfileChoices,
  profiles: AutomationProfileRepository,
): Promise<ResolvedProfile> {
  for (const level of profileProvenances) {
    const name = choices[level]
    if (name === undefined || name === null) continue
    return { provenance: level, profile: await find(name, level, profiles) }
  }
  return { provenance: 'global', profile: await find(DEFAULT_AUTOMATION_PROFILE, 'global', profiles) }
}

/** What names a profile at each level. */
const namers: Readonly<Record<ProfileProvenance, string>> = {
  plan: 'the plan',
  action: 'the action',
  project: 'a project of the plan',
  global: 'the configuration',
}

async function find(
  name: string,
  level: ProfileProvenance,
  profiles: AutomationProfileRepository,
): Promise<AutomationProfile> {
  if (typeof name !== 'string' || name.trim() === '') {
    throw refused('blank', `the ${level} level names a blank one; leave it out to choose none`)
  }
  const builtIn = builtInProfiles.get(name)
  if (builtIn) return builtIn
  const known = await profiles.get(name)
  if (known?.profile) return known.profile
  if (known) throw refused('unreadable', `the definition of ${name} cannot be read; create it again`)
  const names = (await profiles.list()).map((profile) => profile.name)
  throw refused(
    'unknown_profile',
    `${namers[level]} names no automation profile that there is; there are ${names.join(', ')}`,
  )
}

function refused(code: string, message: string): InvalidRecordError {
  return new InvalidRecordError('plan', [{ path: ['automationProfile'], code, message }])
}
