import { Telemetry, type TracedOperation } from '../observability/telemetry.ts'

/** The telemetry of a store, loaded when it connects: a provider is registered before that. */
export class LateTelemetry {
  #loaded: Telemetry | undefined

  async load(systemName: string): Promise<void> {
    this.#loaded ??= await Telemetry.load(systemName)
  }

  trace<T>(operation: TracedOperation, size: number | undefined, work: () => Promise<T>): Promise<T> {
    return this.#loaded ? this.#loaded.trace(operation, size, work) : work()
  }

  noteSet(operations: number, queued: number): void {
    this.#loaded?.noteSet(operations, queued)
  }
}
