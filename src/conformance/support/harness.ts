// What the author of an engine implements so that the conformance cases can run on it: fresh places to store in, and the
// features that some cases need beyond that. It holds no cases, and nothing of any engine or test runner.

import type { Store, StoreOptions } from '../../index.ts'
import type { JobRequest } from './process-job.ts'

/** Options of a store besides where it is; the harness adds the URL or the engine. */
export interface PlaceOptions extends Omit<StoreOptions, 'url' | 'engine' | 'tenant' | 'root'> {
  /** Milliseconds that a writer waits for another one's lock, before it gives up. */
  readonly waitForLocks?: number | undefined
}

/** Where the data of one case are: a file, a schema, a database. Two places never share anything. */
export interface Place {
  /** A store on this place's data that is not connected yet. */
  create(options?: PlaceOptions): Store
}

/** One column of one stored row; `id` is the value of the table's key as records have it: `planId`, an action's `name`. */
export interface Cell {
  readonly table: string
  readonly id: string
  readonly column: string
}

/** A store whose driver can be made to fail. */
export interface FaultyStore {
  readonly store: Store
  /** From now on: the driver refuses a setting of its connection, to close, or every statement (the server is gone). */
  fail(point: 'setting' | 'close' | 'statements'): void
  /** From now on nothing fails any more. */
  heal(): void
}

/** A location that cannot be opened. */
export interface UnusableLocation {
  /** What is wrong with it: `a folder`, `a refused port`, `a wrong password`. */
  readonly name: string
  /** A store on it. It may throw instead, when the location is refused before connecting. */
  create(): Store
  /** Words that no message may hold, such as the password. */
  readonly secrets?: readonly string[]
  /** Throws when the attempts have changed what stands at the location. */
  assertUntouched?(): void
}

/** One way in which an engine keeps what it has acknowledged: a mode of the log, a setting of its sessions. */
export interface DurabilityMode {
  readonly name: string
  /** A store that asks for it, or whose server has it as a default. */
  create(place: Place): Store
  /** What `inForce` has to give. */
  readonly expected: string
  /** The setting as the database itself tells it while the store is open. */
  inForce(place: Place, store: Store): Promise<string>
}

/** How much of a place a stranger has tried to reach, and what he got at. */
export interface Exposure {
  readonly tried: number
  readonly reached: readonly string[]
}

/** What a harness may offer. A case that needs a feature which is not there is skipped, and the runner says so. */
export interface HarnessFeatures {
  /** Data survive `close`. */
  readonly persistent: true
  /** Several stores may be open on one place at once. */
  readonly shared: true
  /** Runs a job (`performJob`) in a new process, on a store that the process opens on the place. */
  readonly processes: {
    /**
     * Resolves with the job's answer once the process has ended. `started` is called when the job reports that it is under way.
     * @throws when the process failed
     */
    perform(
      place: Place,
      job: JobRequest,
      options?: { readonly waitForLocks?: number; readonly started?: () => void },
    ): Promise<unknown>
  }
  /** Stores of tenants beside the place's own. */
  readonly tenants: { create(place: Place, tenant: string): Store }
  /** Writes and reads columns behind the library's back, while a store is open or not. */
  readonly cells: {
    /** A JSON column takes the text of any JSON, a text column any text. */
    write(place: Place, cell: Cell, value: string | Uint8Array): Promise<void>
    /** The stored value as text, exactly as it is stored; null when it is NULL or the row is missing. */
    read(place: Place, cell: Cell): Promise<string | null>
  }
  /** What the database itself refuses to have changed, taken off a table while `work` runs, and then put back exactly as it was. */
  readonly guards: { lift(place: Place, table: string, work: () => Promise<void>): Promise<void> }
  /**
   * `cells.write` can put any text or bytes into any column: text that is not JSON, an instant that is none. Where columns have types,
   * the column gets another type for that, and the values of other rows come along.
   */
  readonly looseCells: true
  /**
   * What a column of text makes of bytes that `cells.write` gives it: the text that then stands there; null where they stay bytes, which
   * cannot be read as text.
   */
  readonly bytesAsText: (bytes: Uint8Array) => string | null
  /** What a column of text takes from `cells.write` just as it is, and no record has: bytes, control characters, nothing at all. */
  readonly foreignTexts: readonly (string | Uint8Array)[]
  /** Runs one statement with `?` for its parameters, in SQL that every engine understands. */
  readonly sql: (
    place: Place,
    sql: string,
    parameters?: readonly (string | number)[],
  ) => Promise<readonly (readonly unknown[])[]>
  /** Plan rows, as far as costs and tasks refer to them. */
  readonly plans: {
    insert(
      place: Place,
      plan: { readonly planId: string; readonly parentPlanId?: string | null },
    ): Promise<void>
    remove(place: Place, planId: string): Promise<void>
  }
  /** A store whose driver fails on demand. */
  readonly faults: (place: Place) => FaultyStore
  readonly unusable: () => readonly UnusableLocation[]
  /** How many files or sockets of the engine this process has open. */
  readonly handles: () => number
  /** Every way in which acknowledged writes can be kept; the first is the default. */
  readonly durability: readonly DurabilityMode[]
  /** What somebody else on the machine or the server, who was given nothing, can do with what a store has made on a place. */
  readonly strangers: (place: Place) => Promise<Exposure>
}

export type Need = keyof HarnessFeatures

/**
 * Made by the runner for each case, and thrown away after it: whatever was opened is then closed, whatever was stored removed.
 * @example
 * for (const { id, name, needs, run } of conformanceCases) {
 *   const title = `${id} ${name}`
 *   if (unmetNeeds(harness, needs).length > 0) test.skip(title)
 *   else test(title, () => run(makeHarness()))
 * }
 */
export interface ConformanceHarness {
  /** What `store.backendName` has to be. */
  readonly backendName: string
  readonly features: Partial<HarnessFeatures>
  /** A new place with nothing in it. */
  newPlace(): Place
  /** Takes note of a store that must be closed after the case. */
  closeAfterwards(store: Store): void
}
