// How applications get a store: opened and ready, or not yet connected.

import {
  type ConfigSources,
  type PersistenceConfig,
  resolveConfig,
  type StoreOptions,
} from '../config/config.ts'
import { EngineStore } from './engine-store.ts'
import type { Store } from './store.ts'

/**
 * Opens a store: connects, migrates as configured (to this build's version by default), and is
 * ready.
 * @param given a URL such as `sqlite:./purser.db`, or options; what is left out comes from the
 *   environment and the config file
 * @param sources another environment, folder or config file than the process's own
 * @throws PersistenceConnectionError, MigrationError; nothing is left open then
 * @example
 * const store = await openStore('sqlite:./purser.db')
 * const task = await store.tasks.get('01J…')
 * await store.close()
 */
export async function openStore(given?: string | StoreOptions, sources?: ConfigSources): Promise<Store> {
  return openConfigured(resolveConfig(given, sources))
}

/** The same store, not yet connected: call `connect()`, then `migrate()`. */
export function createBackend(given?: string | StoreOptions, sources?: ConfigSources): Store {
  return createConfigured(resolveConfig(given, sources))
}

/** As `openStore`, for a configuration that is resolved already. */
export async function openConfigured(config: PersistenceConfig): Promise<Store> {
  const store = new EngineStore(config)
  await store.connect()
  try {
    await store.prepareSchema()
  } catch (error) {
    await store.close()
    throw error
  }
  return store
}

/** As `createBackend`, for a configuration that is resolved already. */
export function createConfigured(config: PersistenceConfig): Store {
  return new EngineStore(config)
}
