// Opens the database that the flags, the environment and the configuration name. The rule: only
// `purser migrate` changes the schema of an existing database, and only it and
// `purser tenants create` create a tenant. Commands that add records create a missing database
// without a tenant; all others report that it is missing.

import { resolve } from 'node:path'
import type { ConfigSources, PersistenceConfig, Store } from '../../index.ts'
import type { Access, GlobalFlags } from './command.ts'
import { CommandError } from './failure.ts'
import { closeOnInterrupt } from './interrupt.ts'
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

type StoreLocation = Pick<GlobalFlags, 'url' | 'tenant' | 'config'>

const MEMORY = ':memory:'

/** What named the database, in terms of the command line. */
export async function originOf(location: StoreLocation): Promise<string> {
  const { originOfUrl } = await import('../../config/config.ts')
  const origin = originOfUrl(settingsOf(location), await sourcesOf(location))
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
async function sourcesOf({ config }: Pick<StoreLocation, 'config'>): Promise<ConfigSources> {
  const { nearestConfigFile } = await import('../../config/config-location.ts')
  return { file: config ?? nearestConfigFile(process.cwd()) ?? null }
}

/** Resolves the configuration and determines whether a database exists. Nothing is created. */
export async function locate(location: StoreLocation): Promise<Target> {
  const { createConfigured } = await import('../../store/open-store.ts')
  const { config, configFile } = await configure(location)
  const store = createConfigured(config)
  return { store, config, configFile, isNew: await store.isNew() }
}

/** The configuration of the location, resolved once for everything that a command does there. */
async function configure(location: StoreLocation): Promise<Pick<Target, 'config' | 'configFile'>> {
  const { resolveConfig } = await import('../../config/config.ts')
  const sources = await sourcesOf(location)
  const configFile = typeof sources.file === 'string' ? resolve(sources.file) : null
  return { config: resolveConfig(settingsOf(location), sources), configFile }
}

/**
 * Opens the database for `work`, in the way that `access` says, and closes it again.
 * @throws CommandError if there is no database and none may be created; MigrationError if its
 * schema is not this build's, except where the command takes any version
 */
export async function useStore<T>(
  location: StoreLocation,
  access: Access,
  work: (store: Store, target: Target) => Promise<T>,
): Promise<T> {
  const target = await locate(location)
  const { store, config, isNew } = target
  const mayCreate = access === 'create' && config.migrate === 'auto' && config.tenant === undefined
  if (isNew && store.location !== MEMORY && !mayCreate) throw await missing(target, location)
  if (access === 'any-version') return whileConnected(store, () => work(store, target))
  const { openConfigured } = await import('../../store/open-store.ts')
  const existing = config.migrate === 'off' ? 'off' : 'check'
  const opened = await openConfigured({ ...config, migrate: isNew ? 'auto' : existing })
  return whileConnected(opened, () => work(opened, target))
}

/**
 * Connects to the database of the location as it is, or to an empty one, whose schema `work` makes.
 */
export async function useUnprepared<T>(
  location: StoreLocation,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const { createConfigured } = await import('../../store/open-store.ts')
  const { config } = await configure(location)
  const store = createConfigured({ ...config, migrate: 'off' })
  return whileConnected(store, () => work(store))
}

/** Connects, runs `work`, and closes, also when the command is interrupted. */
export async function whileConnected<T>(store: Store, work: () => Promise<T>): Promise<T> {
  const release = closeOnInterrupt(store)
  try {
    await store.connect()
    return await work()
  } finally {
    await store.close()
    release()
  }
}

/** The error that there is no database, or no such tenant, with what named it and what to do. */
async function missing({ store, config }: Target, location: StoreLocation): Promise<CommandError> {
  const origin = await originOf(location)
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

/** The tenants that exist at the location, whichever tenant it names. */
export async function tenantsOf(location: StoreLocation): Promise<readonly string[]> {
  const { resolveConfig } = await import('../../config/config.ts')
  const { tenantsAt } = await import('../../engines/tenants.ts')
  const { tenant: _, ...anyTenant } = location
  return tenantsAt(resolveConfig(settingsOf(anyTenant), await sourcesOf(anyTenant)))
}

/** The tenants beside a database, for who serves them. */
export interface Tenants {
  readonly list: () => Promise<readonly string[]>
  /** Null if there is no such tenant. The caller closes the store. */
  readonly open: (tenant: string) => Promise<Store | null>
}

/** Undefined if the location is that of a tenant, or has none, as a database in memory. */
export async function tenantsFor(location: StoreLocation): Promise<Tenants | undefined> {
  const { createConfigured, openConfigured } = await import('../../store/open-store.ts')
  const { config } = await configure(location)
  if (config.tenant !== undefined || createConfigured(config).location === MEMORY) return undefined
  return {
    list: () => tenantsOf(location),
    open: async (tenant) => {
      const { config: own, isNew } = await locate({ ...location, tenant })
      if (isNew) return null
      return openConfigured({ ...own, migrate: own.migrate === 'off' ? 'off' : 'check' })
    },
  }
}

/** For a hint: no names if they are not available. */
async function othersOf(config: PersistenceConfig): Promise<readonly string[]> {
  const { tenantsAt } = await import('../../engines/tenants.ts')
  return tenantsAt(config).catch(() => [])
}

function listed(words: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(words)
}

function settingsOf({ url, tenant }: StoreLocation) {
  return { ...(url === undefined ? {} : { url }), ...(tenant === undefined ? {} : { tenant }) }
}
