// What the parts of Purser that move whole stores (src/transfer) see of one, beyond its public interface. Nothing of it is exported to
// applications.

import type { Engine } from '../engines/contract/engine.ts'
import type { SchemaState } from '../migrations/schema-state.ts'
import type { EventPublisher } from '../observability/events.ts'
import type { RecordSession } from '../records/repository/session.ts'
import type { Store } from './store.ts'

export interface StoreInternals {
  readonly engine: Engine
  readonly state: SchemaState
  readonly events: EventPublisher
  readonly read: RecordSession['read']
  /** @throws PersistenceConnectionError when the store is not open, QueryError inside the callback of its own transaction */
  readonly assertUsable: () => void
}

const known = new WeakMap<Store, StoreInternals>()

export function exposeInternals(store: Store, internals: StoreInternals): void {
  known.set(store, internals)
}

export function internalsOf(store: Store): StoreInternals {
  const internals = known.get(store)
  if (internals) return internals
  throw new TypeError('the store was not made by openStore or createBackend')
}
