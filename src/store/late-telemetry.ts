import { errorType, type MeasuredOperation, type Measurer } from '../observability/measurer.ts'
import { Telemetry } from '../observability/telemetry.ts'

/**
 * The telemetry of a store, loaded when it connects: a provider is registered before that. Beside
 * it, those who measure the store in this process. Without either an operation costs nothing more.
 */
export class LateTelemetry {
  #loaded: Telemetry | undefined
  readonly #measurers = new Set<Measurer>()

  async load(systemName: string): Promise<void> {
    this.#loaded ??= await Telemetry.load(systemName)
  }

  /** Hears of each operation from here on. @returns what ends that */
  measure(measurer: Measurer): () => void {
    this.#measurers.add(measurer)
    return () => void this.#measurers.delete(measurer)
  }

  trace<T>(operation: MeasuredOperation, size: number | undefined, work: () => Promise<T>): Promise<T> {
    const traced = () => (this.#loaded ? this.#loaded.trace(operation, size, work) : work())
    return this.#measurers.size === 0 ? traced() : this.#measured(operation, traced)
  }

  noteSet(operations: number, queued: number): void {
    this.#loaded?.noteSet(operations, queued)
    for (const measurer of this.#measurers) measurer.set(operations, queued)
  }

  async #measured<T>(operation: MeasuredOperation, work: () => Promise<T>): Promise<T> {
    const started = performance.now()
    let failure: string | undefined
    try {
      return await work()
    } catch (error) {
      failure = errorType(error)
      throw error
    } finally {
      const seconds = (performance.now() - started) / 1000
      for (const measurer of this.#measurers) measurer.operation(operation, seconds, failure)
    }
  }
}
