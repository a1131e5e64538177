// Opens the database that the flags, the environment and the configuration name. The rule: only
// `purser migrate` changes the schema of an existing database, and only it and
// `purser tenants create` create a tenant. Commands that add records create a missing database
// without a tenant; all others report that it is missing.

import { resolve } from 'node:path'
import type { ConfigSources, PersistenceConfig, Store } from '../../index.ts'
import type { Access, GlobalFlags } from './command.ts'
import { CommandError } from './failure.ts'
import { nearTenants } from './near-tenants.ts'

/** A configured database that is not opened yet. */
export interface Target {
  /** Not connected; connecting does not change its schema. */
  readonly store: Store
  readonly config: PersistenceConfig
  /** The configuration file that was read; null without one. */
  readonly configFile: string | null
  /**
   * Nothing is stored there yet: the file, schema or database is missing or empty, or it is in
   * memory.
   */
  readonly isNew: boolean
}

type Place = Pick<GlobalFlags, 'url' | 'tenant' | 'config'>

const MEMORY = ':memory:'

/** What named the database, in terms of the command line. */
export async function originOf(place: Place): Promise<string> {
  const { originOfUrl } = await import('../../config/config.ts')
  const origin = originOfUrl(settingsOf(place), await sourcesOf(place))
  switch (origin.from) {
    case 'caller':
      return '--url'
    case 'environment':
      return 'PURSER_URL'
    case 'file':
      return origin.path
    case 'default':
      return 'the default'
    default:
      return origin satisfies never
  }
}

/** The configuration file of `--config`, or the nearest one in this folder and those above it. */
export async function sourcesOf({ config }: Pick<Place, 'config'>): Promise<ConfigSources> {
  const { nearestConfigFile } = await import('../../config/config-place.ts')
  return { file: config ?? nearestConfigFile(process.cwd()) ?? null }
}

/** Resolves the configuration, and checks whether anything exists yet; nothing is created. */
export async function locate(place: Place): Promise<Target> {
  const { createBackend, resolveConfig } = await import('../../index.ts')
  const given = settingsOf(place)
  const sources = await sourcesOf(place)
  const store = createBackend(given, sources)
  const configFile = typeof sources.file === 'string' ? resolve(sources.file) : null
  return { store, config: resolveConfig(given, sources), configFile, isNew: await store.isNew() }
}

/**
 * Opens the database, ready for use.
 * @throws CommandError if there is none and none may be created; MigrationError if its schema is
 * not this build's
 */
export async function openSession(place: Place, access: Access): Promise<Store> {
  const { openStore } = await import('../../index.ts')
  const target = await locate(place)
  const { store, config, isNew } = target
  const mayMake = access === 'create' && config.migrate === 'auto' && config.tenant === undefined
  if (isNew && store.location !== MEMORY && !mayMake) throw await missing(target, place)
  const existing = config.migrate === 'off' ? 'off' : 'check'
  return openStore({ ...settingsOf(place), migrate: isNew ? 'auto' : existing }, await sourcesOf(place))
}

/** The error that there is no database, or no such tenant, with what named it and what to do. */
export async function missing({ store, config }: Target, place: Place): Promise<CommandError> {
  const origin = await originOf(place)
  const named = origin === '--url' || origin === 'the default' ? '' : ` (named by ${origin})`
  const at = `${store.location}${named}`
  const { tenant } = config
  if (tenant === undefined) {
    return new CommandError(
      'NO_DATABASE',
      `there is no database at ${at}; make one with "purser migrate", name another with --url, or try "purser demo"`,
    )
  }
  const near = nearTenants(tenant, await othersOf(config))
  const hint = near.length === 0 ? '; make it' : `; did you mean ${listed(near)}? Make a new one`
  return new CommandError(
    'NO_DATABASE',
    `there is no tenant ${tenant}: no database at ${at}${hint} with "purser tenants create ${tenant}"`,
  )
}

/** The tenants that exist at the place, whichever tenant it names. */
export async function tenantsOf(place: Place): Promise<readonly string[]> {
  const { resolveConfig } = await import('../../config/config.ts')
  const { tenantsAt } = await import('../../engines/tenants.ts')
  const { tenant: _, ...anyTenant } = place
  return tenantsAt(resolveConfig(settingsOf(anyTenant), await sourcesOf(anyTenant)))
}

/** For a hint: no names if they are not available. */
async function othersOf(config: PersistenceConfig): Promise<readonly string[]> {
  const { tenantsAt } = await import('../../engines/tenants.ts')
  return tenantsAt(config).catch(() => [])
}

function listed(words: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(words)
}

function settingsOf({ url, tenant }: Place) {
  return { ...(url === undefined ? {} : { url }), ...(tenant === undefined ? {} : { tenant }) }
}
