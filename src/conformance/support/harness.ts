// What the author of an engine implements so that the conformance cases can run on it: fresh
// locations to store in, and the additional features that some cases need. It contains no cases,
// and nothing specific to an engine or test runner.

import type { Store, StoreOptions } from '../../index.ts'
import type { JobRequest } from './process-job.ts'

/** Options of a store besides its location; the harness adds the URL or the engine. */
export interface PlaceOptions extends Omit<StoreOptions, 'url' | 'engine' | 'tenant' | 'root'> {
  /** Milliseconds that a writer waits for another one's lock, before it gives up. */
  readonly waitForLocks?: number | undefined
  /** The most connections of the store, where it has several. */
  readonly connections?: number | undefined
}

/**
 * Where the data of one case is: a file, a schema, a database. Two locations never share anything.
 */
export interface Place {
  /** A store on this location's data that is not connected yet. */
  create(options?: PlaceOptions): Store
}

/**
 * One column of one stored row; `id` is the value of the table's key in the record: `planId`, an
 * action's `name`.
 */
export interface Cell {
  readonly table: string
  readonly id: string
  readonly column: string
}

/** A store whose driver can be made to fail. */
export interface FaultyStore {
  readonly store: Store
  /**
   * From now on the driver refuses a setting of its connection, to close, or every statement (the
   * server is gone).
   */
  fail(point: 'setting' | 'close' | 'statements'): void
  /** From now on nothing fails any more. */
  heal(): void
}

/** A location that cannot be opened. */
export interface UnusableLocation {
  /** What is wrong with it: `a folder`, `a refused port`, `a wrong password`. */
  readonly name: string
  /** A store on it. May throw instead, if the location is refused before connecting. */
  create(): Store
  /** Words that no message may contain, such as the password. */
  readonly secrets?: readonly string[]
  /** Throws if the attempts have changed the contents of the location. */
  assertUntouched?(): void
}

/** One durability setting of an engine: a mode of the log, a setting of its sessions. */
export interface DurabilityMode {
  readonly name: string
  /** A store that requests it, or whose server has it as a default. */
  create(place: Place): Store
  /** What `inForce` must return. */
  readonly expected: string
  /** The setting as the database itself reports it while the store is open. */
  inForce(place: Place, store: Store): Promise<string>
}

/** What an unprivileged outsider has tried to access at a location, and what was accessible. */
export interface Exposure {
  readonly tried: number
  readonly reached: readonly string[]
}

/**
 * Optional features of a harness. A case that needs a missing feature is skipped, and the runner
 * says so.
 */
export interface HarnessFeatures {
  /** Data survives `close`. */
  readonly persistent: true
  /** Several stores may be open at one location at once. */
  readonly shared: true
  /**
   * Runs a job (`performJob`) in a new process, on a store that the process opens at the location.
   */
  readonly processes: {
    /**
     * Resolves with the job's answer once the process has ended. `started` is called when the job
     * reports that it is running.
     * @throws if the process failed
     */
    perform(
      place: Place,
      job: JobRequest,
      options?: { readonly waitForLocks?: number; readonly started?: () => void },
    ): Promise<unknown>
  }
  /** Stores of tenants besides the location's default one. */
  readonly tenants: { create(place: Place, tenant: string): Store }
  /** Writes and reads columns behind the library's back, while a store is open or not. */
  readonly cells: {
    /** A JSON column takes the text of any JSON, a text column any text. */
    write(place: Place, cell: Cell, value: string | Uint8Array): Promise<void>
    /**
     * The stored value as text, exactly as it is stored; null if it is NULL or the row is missing.
     */
    read(place: Place, cell: Cell): Promise<string | null>
  }
  /** Removes the guards of a table while `work` runs, and then restores them exactly. */
  readonly guards: { lift(place: Place, table: string, work: () => Promise<void>): Promise<void> }
  /**
   * `cells.write` can put any text or bytes into any column: text that is not JSON, an invalid
   * instant. If columns are typed, the column's type is changed for that, and the values of other
   * rows are converted.
   */
  readonly looseCells: true
  /**
   * What a text column makes of bytes that `cells.write` gives it: the resulting text; null if they
   * stay bytes, which cannot be read as text.
   */
  readonly bytesAsText: (bytes: Uint8Array) => string | null
  /**
   * Values that a text column takes from `cells.write` unchanged, and that no record has: bytes,
   * control characters, nothing at all.
   */
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
  /** Every durability setting for acknowledged writes; the first is the default. */
  readonly durability: readonly DurabilityMode[]
  /**
   * What an unprivileged user of the machine or the server can do with what a store has created at
   * a location.
   */
  readonly strangers: (place: Place) => Promise<Exposure>
}

export type Need = keyof HarnessFeatures

/**
 * Created by the runner for each case, and disposed of after it: everything opened is then closed,
 * everything stored removed.
 * @example
 * for (const { id, name, needs, run } of conformanceCases) {
 *   const title = `${id} ${name}`
 *   if (unmetNeeds(harness, needs).length > 0) test.skip(title)
 *   else test(title, () => run(makeHarness()))
 * }
 */
export interface ConformanceHarness {
  /** The expected `store.backendName`. */
  readonly backendName: string
  readonly features: Partial<HarnessFeatures>
  /** A new, empty location. */
  newPlace(): Place
  /** Registers a store that must be closed after the case. */
  closeAfterwards(store: Store): void
}
