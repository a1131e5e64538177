// The options of a worker, and the rules for them.

import { z } from 'zod'
import type { ActingStore, ClaimedTask, CompletionPatch, Duration, Store, WorkFilter } from '../index.ts'
import { durationFrom, durationRule } from '../records/model/duration.ts'
import { integerRule } from '../records/model/rules.ts'
import { aFunction, anAbortSignal, checkedLater, readOptions } from '../records/repository/arguments.ts'

/** What a handler gets beside its task. */
export interface WorkContext {
  /**
   * Aborted when the lease is lost, and when the worker stops and the time to drain is over.
   * Whatever the handler returns after that is dropped.
   */
  readonly signal: AbortSignal
  /** The store, in the name of the worker's agent. */
  readonly store: ActingStore
  /**
   * Extends the lease now, by `lease` or as the worker does by itself.
   * @throws LeaseLostError
   */
  readonly heartbeat: (lease?: Duration) => Promise<void>
}

export interface WorkerOptions {
  /** Open for as long as the worker runs, which does not close it. */
  readonly store: Pick<Store, 'as' | 'changes' | 'isConnected'>
  /** Claims are made for this agent, and audit entries name it. */
  readonly agent: string
  /** How many tasks it works on at once, 1 to 1000; 1 by default. */
  readonly concurrency?: number | undefined
  /** `60s` by default; heartbeats extend it at a third of it. */
  readonly lease?: Duration | undefined
  /** Only tasks of a project, a type, a plan. */
  readonly filter?: WorkFilter | undefined
  /** Stops the worker: it claims nothing more, drains, and gives the rest back. */
  readonly signal?: AbortSignal | undefined
  /** How long tasks under way may take after `signal`; `30s` by default, at once with 0. */
  readonly drain?: Duration | undefined
  /**
   * Works on a task. It is completed when this resolves, with the patch that it resolves with, if
   * any; when it rejects, it fails with the error's message, and is tried again while it may be.
   */
  readonly handle: (
    task: ClaimedTask,
    context: WorkContext,
  ) => Promise<CompletionPatch | undefined> | Promise<void>
  /**
   * Hears of what no caller would see: a handler's error, a lease that was lost, a database that
   * does not answer. It must not throw.
   */
  readonly onError?: ((error: unknown, task: ClaimedTask | null) => void) | undefined
}

const MOST_AT_ONCE = 1000
const DEFAULT_LEASE = 60_000
const DEFAULT_DRAIN = 30_000

const rules = {
  store: checkedLater,
  agent: z.string(),
  concurrency: integerRule(1).refine((count) => count <= MOST_AT_ONCE, `must be at most ${MOST_AT_ONCE}`),
  lease: durationRule,
  filter: checkedLater,
  signal: anAbortSignal,
  drain: durationFrom(0),
  handle: aFunction,
  onError: aFunction,
}

/** The options with their defaults; times in milliseconds. */
export interface WorkerSettings {
  readonly concurrency: number
  readonly lease: number
  readonly drain: number
}

/** @throws InvalidRecordError */
export function workerSettings(options: unknown): WorkerSettings {
  const { store: _, ...others } = (options ?? {}) as { store?: unknown; handle?: unknown }
  const given = readOptions('runWorker', rules, { handle: undefined, ...others }) as Partial<WorkerSettings>
  readOptions('runWorker', { handle: aFunction }, { handle: others.handle ?? null })
  return { concurrency: 1, lease: DEFAULT_LEASE, drain: DEFAULT_DRAIN, ...given }
}
