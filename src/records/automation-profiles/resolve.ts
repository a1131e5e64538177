// Which profile a plan gets: its own, else its action's, else the strictest of its projects', else
// that of the plan above, else the global setting, else the default. The first level that names one
// decides, within what the plan above allows. An unknown name is an
// error; it never falls through to the next level.

import { InvalidRecordError } from '../../errors.ts'
import { builtInProfiles, DEFAULT_AUTOMATION_PROFILE } from './built-in.ts'
import type { AutomationProfile } from './profile.ts'
import type { AutomationProfileRepository } from './repository.ts'
import { strictest } from './strictness.ts'

/** The level at which a plan's profile was chosen. */
export const profileProvenances = ['plan', 'action', 'project', 'global'] as const
export type ProfileProvenance = (typeof profileProvenances)[number]

/** The names chosen at each level; undefined or null for none. */
export interface ProfileChoices {
  readonly plan?: string | null | undefined
  readonly action?: string | null | undefined
  /** Of several projects. */
  readonly project?: string | readonly string[] | null | undefined
  readonly global?: string | null | undefined
  /** What the plan above froze. */
  readonly parent?:
    | {
        readonly automationProfile: { readonly name: string; readonly provenance: ProfileProvenance }
        readonly effectiveProfile: AutomationProfile | null
        readonly unreadable: readonly string[]
      }
    | undefined
}

export interface ResolvedProfile {
  readonly provenance: ProfileProvenance
  readonly profile: AutomationProfile
}

/**
 * The profile of the first level that names one. Below another plan, what an action or projects
 * name is combined with that plan's profile; where nothing is named, that plan's is taken.
 * @throws InvalidRecordError for a blank or unknown name; the message lists the known ones
 */
export async function resolveProfile(
  { plan, action, project, global, parent }: ProfileChoices,
  profiles: AutomationProfileRepository,
): Promise<ResolvedProfile> {
  if (isNamed(plan)) return { provenance: 'plan', profile: await find(plan, 'plan', profiles) }
  const above = inherited(parent)
  if (isNamed(action)) return within(above, 'action', [await find(action, 'action', profiles)])
  const named = typeof project === 'string' ? [project] : (project ?? [])
  const ofProjects = await Promise.all(named.map((name) => find(name, 'project', profiles)))
  const [first, ...others] = ofProjects
  if (first) return within(above, 'project', [first, ...others])
  if (above) return above
  const last = isNamed(global) ? global : DEFAULT_AUTOMATION_PROFILE
  return { provenance: 'global', profile: await find(last, 'global', profiles) }
}

function isNamed(name: string | null | undefined): name is string {
  return name !== undefined && name !== null
}

/**
 * Undefined if there is no plan above, or it never captured a profile.
 * @throws InvalidRecordError if its profile cannot be read
 */
function inherited(parent: ProfileChoices['parent']): ResolvedProfile | undefined {
  if (parent === undefined) return undefined
  const { automationProfile, effectiveProfile, unreadable } = parent
  if (unreadable.includes('effectiveProfile')) {
    throw refused(
      'unreadable',
      'the profile of the parent cannot be read; give the plan one that is as strict',
    )
  }
  return effectiveProfile === null
    ? undefined
    : { provenance: automationProfile.provenance, profile: effectiveProfile }
}

/** The strictest of a level's profiles and the plan's above. */
function within(
  above: ResolvedProfile | undefined,
  provenance: ProfileProvenance,
  chosen: readonly [AutomationProfile, ...AutomationProfile[]],
): ResolvedProfile {
  const [first, ...others] = chosen
  const own = strictest([first, ...others])
  if (above === undefined) return { provenance, profile: own }
  const profile = strictest([own, above.profile])
  return profile === above.profile ? above : { provenance, profile }
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
