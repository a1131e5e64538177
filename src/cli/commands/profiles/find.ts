// Finds the profile that a command is about; if there is none, lists the existing ones.

import type { KnownProfile, Store } from '../../../index.ts'
import { required } from '../../run/command.ts'
import { CommandError, UsageError } from '../../run/failure.ts'
import { printableLine } from '../../screen/text.ts'

/** The argument of commands about one profile. */
export const profileArgument = { name: required('the name of the profile') }

/** @throws CommandError if there is none */
export async function findProfile(
  store: Pick<Store, 'automationProfiles'>,
  name: string,
): Promise<KnownProfile> {
  const known = await store.automationProfiles.get(name)
  if (known !== null) return known
  const names = (await store.automationProfiles.list()).map((profile) => printableLine(profile.name))
  throw new CommandError(
    'RECORD_NOT_FOUND',
    `there is no profile with the name ${JSON.stringify(printableLine(name))}; there are ${names.join(', ')}`,
  )
}

/** @throws UsageError for a built-in profile, and for an unknown one */
export async function findOwnProfile(
  store: Pick<Store, 'automationProfiles'>,
  name: string,
): Promise<KnownProfile> {
  const known = await findProfile(store, name)
  if (!known.builtIn) return known
  throw new UsageError(
    `${name} is built in, and is neither changed nor removed; a profile of your own has a name such as local/${name}`,
  )
}
