// Opens an existing database for reading, whatever its version: nothing is created and nothing is
// migrated.

import type { PersistenceConfig, Store } from '../../index.ts'
import type { GlobalFlags } from './command.ts'
import { closeOnInterrupt } from './interrupt.ts'
import { locate, missing } from './session.ts'

/** @throws CommandError if there is no database */
export async function lookAt<T>(
  global: GlobalFlags,
  work: (store: Store, config: PersistenceConfig) => Promise<T>,
): Promise<T> {
  const target = await locate(global)
  const { store, config, isNew } = target
  if (isNew && store.location !== ':memory:') throw await missing(target, global)
  const release = closeOnInterrupt(store)
  try {
    await store.connect()
    return await work(store, config)
  } finally {
    await store.close()
    release()
  }
}
