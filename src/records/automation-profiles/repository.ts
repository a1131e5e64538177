// Automation profiles: the nine built-in ones and custom ones. Each plan keeps a frozen copy of its
// profile, so no change here affects an existing plan.

import { DuplicateRecordError, InvalidRecordError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { parseOrThrow } from '../model/issues.ts'
import { nameRule } from '../model/rules.ts'
import { base, checkArguments, record, text } from '../repository/arguments.ts'
import type { RecordSession } from '../repository/session.ts'
import { type Base, VersionedRepository } from '../repository/versioned-repository.ts'
import { builtInProfiles } from './built-in.ts'
import { automationProfileDefinition, type StoredProfile, type StoredProfileFields } from './definition.ts'
import { assertNotBuiltIn, checkProfile } from './parse.ts'
import type { AutomationProfile, AutomationProfilePatch, NewAutomationProfile } from './profile.ts'

/** A profile and its origin; built-in ones have neither times nor versions. */
export interface KnownProfile {
  readonly name: string
  readonly builtIn: boolean
  /** Null if the stored definition cannot be read; such a profile cannot be used for new plans. */
  readonly profile: AutomationProfile | null
  readonly createdAt: Date | null
  readonly updatedAt: Date | null
  readonly version: number | null
}

export class AutomationProfileRepository {
  static {
    checkArguments(
      AutomationProfileRepository,
      {
        create: [record],
        get: [text('name')],
        list: [],
        count: [],
        update: [text('name'), record, base({}, ['name', 'builtIn', 'profile', 'createdAt', 'updatedAt'])],
        delete: [text('name')],
      },
      { subject: 'automation profile' },
    )
  }

  /** Watches the calls on a transaction. */
  protected readonly session: RecordSession
  readonly #stored: StoredProfiles

  constructor(session: RecordSession) {
    this.session = session
    this.#stored = new StoredProfiles(session)
  }

  /**
   * Stores a custom profile under a name such as `local/careful`.
   * @throws InvalidRecordError (also for a built-in's name), DuplicateRecordError
   * @example
   * const balanced = await store.automationProfiles.get('balanced')
   * await store.automationProfiles.create({ ...balanced.profile, name: 'local/careful', executeCommand: 0.9 })
   */
  async create(input: NewAutomationProfile): Promise<KnownProfile> {
    return present(await this.#stored.add(checkProfile(input)))
  }

  /** The profile with this name, built-in or custom; null if there is none. */
  async get(name: string): Promise<KnownProfile | null> {
    const builtIn = builtInProfiles.get(name)
    if (builtIn) return presentBuiltIn(builtIn)
    const stored = await this.#stored.get(name)
    return stored === null ? null : present(stored)
  }

  /** Every profile: the built-in ones first, then custom ones in creation order. */
  async list(): Promise<readonly KnownProfile[]> {
    const own: KnownProfile[] = []
    for await (const stored of this.#stored.all()) own.push(present(stored))
    return [...[...builtInProfiles.values()].map(presentBuiltIn), ...own]
  }

  /** How many custom profiles there are; built-in ones are not counted. */
  async count(): Promise<number> {
    return this.#stored.count()
  }

  /**
   * Changes a custom profile at `version`. Plans keep the copy taken when they were created.
   * @throws RecordNotFoundError, VersionConflictError, InvalidRecordError (also for a built-in's
   * name)
   */
  async update(name: string, patch: AutomationProfilePatch, base: Base): Promise<KnownProfile> {
    assertNotBuiltIn(name)
    return present(await this.#stored.change(name, patch, base))
  }

  /**
   * Deletes a custom profile; plans keep their copies. True if it existed.
   * @throws InvalidRecordError for a built-in's name
   */
  async delete(name: string): Promise<boolean> {
    assertNotBuiltIn(name)
    return this.#stored.remove(name)
  }
}

class StoredProfiles extends VersionedRepository<StoredProfileFields> {
  constructor(session: RecordSession) {
    super(automationProfileDefinition, session)
  }

  all(): AsyncIterable<StoredProfile> {
    return this.iterate({ conditions: [] })
  }

  count(): Promise<number> {
    return this.countOf({ conditions: [] })
  }

  async add(profile: AutomationProfile): Promise<StoredProfile> {
    const record = this.begun({ name: profile.name, definition: profile }) as StoredProfile
    const outcome = await this.session.write(this.insertion(record))
    if (outcome.kind === 'duplicate') throw new DuplicateRecordError('automation_profiles', profile.name)
    this.session.whenCommitted(() => this.session.events.emit(events.profileCreated, { name: profile.name }))
    return record
  }

  async change(name: string, patch: AutomationProfilePatch, base: Base): Promise<StoredProfile> {
    if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) throw notAPatch()
    if ('name' in patch) throw renamed(name)
    const expected = this.versionOf(base)
    const current = await this.getAt(name, expected)
    if (current.unreadable.includes('definition')) throw unreadableDefinition(name)
    const given = Object.entries(patch).filter(([, value]) => value !== undefined)
    const changes = { definition: checkProfile({ ...current.definition, ...Object.fromEntries(given) }) }
    const record = this.applyChanges(current, changes, expected)
    await this.writeChanges(record, changes, {
      auditEntry: this.entryOf('update', record, {
        version: record.version,
        fields: given.map(([field]) => field),
      }),
    })
    const { version } = record
    this.session.whenCommitted(() => this.session.events.emit(events.profileUpdated, { name, version }))
    return record
  }

  async remove(name: string): Promise<boolean> {
    const key = parseOrThrow('name of the automation profile', nameRule, name)
    const outcome = await this.session.write(this.deletion(key))
    const gone = outcome.kind === 'deleted' && outcome.count > 0
    if (gone) this.session.whenCommitted(() => this.session.events.emit(events.profileDeleted, { name }))
    return gone
  }
}

function present(stored: StoredProfile): KnownProfile {
  const { name, createdAt, updatedAt, version, unreadable } = stored
  const profile = unreadable.includes('definition') ? null : stored.definition
  return { name, builtIn: false, profile, createdAt, updatedAt, version }
}

function presentBuiltIn(profile: AutomationProfile): KnownProfile {
  return { name: profile.name, builtIn: true, profile, createdAt: null, updatedAt: null, version: null }
}

function notAPatch(): InvalidRecordError {
  const message = 'must be an object of the fields to change'
  return new InvalidRecordError('automation profile', [{ path: [], code: 'type', message }])
}

function renamed(name: string): InvalidRecordError {
  const message = `is the key of ${name} and stays as it is; create a profile under the other name`
  return new InvalidRecordError('automation profile', [{ path: ['name'], code: 'fixed_field', message }])
}

function unreadableDefinition(name: string): InvalidRecordError {
  return new InvalidRecordError('automation profile', [
    {
      path: ['definition'],
      code: 'unreadable',
      message: `the stored definition of ${name} cannot be read; delete the profile and create it again`,
    },
  ])
}
