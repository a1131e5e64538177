// Opens a database that is there to look at it, whatever its version: nothing is made and nothing is migrated.

import type { PersistenceConfig, Store } from '../index.ts'
import type { GlobalFlags } from './command.ts'
import { closeOnInterrupt } from './interrupt.ts'
import { locate, missing, originOf } from './session.ts'

/** @throws CommandError when there is no database */
export async function lookAt<T>(
  global: GlobalFlags,
  work: (store: Store, config: PersistenceConfig) => Promise<T>,
): Promise<T> {
  const { store, config, isNew } = await locate(global)
  if (isNew && store.location !== ':memory:') throw missing(store.location, await originOf(global))
  const release = closeOnInterrupt(store)
  try {
    await store.connect()
    return await work(store, config)
  } finally {
    await store.close()
    release()
  }
}
