// What the parts of Purser that move whole stores (src/transfer), or measure them (src/server), see
// of one, beyond its public interface. Nothing of it is exported to applications.

import type { Engine, NoteChanges, WriteOperation } from '../engines/contract/engine.ts'
import type { SchemaState } from '../migrations/schema-state.ts'
import type { EventPublisher } from '../observability/events.ts'
import type { Measurer } from '../observability/measurer.ts'
import type { RecordSession } from '../records/repository/session.ts'
import type { Store } from './store.ts'

export interface StoreInternals {
  readonly engine: Engine
  readonly state: SchemaState
  readonly events: EventPublisher
  readonly read: RecordSession['read']
  /**
   * @throws PersistenceConnectionError when the store is not open, QueryError inside the callback
   * of its transaction
   */
  readonly assertUsable: () => void
  /** The note of a batch for the feed of changes; undefined if the store keeps none. */
  readonly noteOf: (operations: readonly WriteOperation[], actor: string) => NoteChanges | undefined
  /** To be called once such a batch is committed. */
  readonly committed: () => void
  /** Hears of each operation until the function that it returns is called. */
  readonly measure: (measurer: Measurer) => () => void
}

/** The key of a store's internals. Applications cannot name it. */
export const storeInternals: unique symbol = Symbol('internals of a Purser store')

export interface HasInternals {
  readonly [storeInternals]: StoreInternals
}

/** @throws TypeError for a store that is not Purser's */
export function internalsOf(store: Store): StoreInternals {
  const { [storeInternals]: internals } = store as Store & Partial<HasInternals>
  if (internals) return internals
  throw new TypeError('the store was not made by openStore or createBackend')
}
