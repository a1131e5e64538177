// Spans and metrics through `@opentelemetry/api`, if the application has it and registers a
// provider before the store connects. Otherwise this is a no-op, so that having the package
// installed costs nothing. Names and attributes follow the database semantic conventions
// (https://opentelemetry.io/docs/specs/semconv/database/).

import type { Attributes, Histogram, Tracer, UpDownCounter } from '@opentelemetry/api'
import { purserVersion } from '../version.ts'
import { errorType, type MeasuredOperation } from './measurer.ts'

/** In OpenTelemetry's SpanKind, 1 is SERVER and 2 is CLIENT. */
const CLIENT_SPAN = 2
/** A span's status code for a failed operation. */
const ERROR_STATUS = 2

/**
 * The global under which the supported major version of the package keeps what an application
 * registers.
 */
const REGISTRY = Symbol.for('opentelemetry.js.api.1')

export class Telemetry {
  readonly #tracer: Tracer
  readonly #duration: Histogram
  readonly #batchSize: Histogram
  readonly #queueDepth: UpDownCounter
  readonly #attributes: Attributes
  #depth = 0

  private constructor(api: typeof import('@opentelemetry/api'), systemName: string) {
    this.#attributes = { 'db.system.name': systemName }
    this.#tracer = api.trace.getTracer('purser', purserVersion)
    const meter = api.metrics.getMeter('purser', purserVersion)
    this.#duration = meter.createHistogram('db.client.operation.duration', {
      unit: 's',
      description: 'Duration of reads, write sets and transactions.',
    })
    this.#batchSize = meter.createHistogram('purser.write_set.size', {
      unit: '{write}',
      description: 'Writes that shared a commit.',
    })
    this.#queueDepth = meter.createUpDownCounter('purser.write_queue.depth', {
      unit: '{write}',
      description: 'Writes that wait for the next set.',
    })
  }

  /**
   * @returns undefined if the application does not have `@opentelemetry/api`, or has registered no
   * provider
   */
  static async load(systemName: string): Promise<Telemetry | undefined> {
    // Without a provider, the 51 modules of the package are not even loaded: they would take a
    // tenth of a program's start.
    if (!(REGISTRY in globalThis)) return undefined
    try {
      const api = await import('@opentelemetry/api')
      return isRegistered(api) ? new Telemetry(api, systemName) : undefined
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined
      throw error
    }
  }

  /** Runs an operation in its span, and measures it. */
  trace<T>(operation: MeasuredOperation, size: number | undefined, work: () => Promise<T>): Promise<T> {
    const attributes: Attributes = { ...this.#attributes, 'db.operation.name': operation }
    if (size !== undefined && size > 1) attributes['db.operation.batch.size'] = size
    return this.#tracer.startActiveSpan(
      `purser ${operation}`,
      { kind: CLIENT_SPAN, attributes },
      async (span) => {
        const started = performance.now()
        let failure: string | undefined
        try {
          return await work()
        } catch (error) {
          failure = errorType(error)
          span.setStatus({ code: ERROR_STATUS })
          span.setAttribute('error.type', failure)
          throw error
        } finally {
          const outcome = failure === undefined ? attributes : { ...attributes, 'error.type': failure }
          this.#duration.record((performance.now() - started) / 1000, outcome)
          span.end()
        }
      },
    )
  }

  /** Records a finished batch: how many writes it had, and how many are waiting now. */
  noteSet(size: number, waiting: number): void {
    this.#batchSize.record(size, this.#attributes)
    this.#queueDepth.add(waiting - this.#depth, this.#attributes)
    this.#depth = waiting
  }
}

/** Whether spans or metrics have a receiver. */
function isRegistered(api: typeof import('@opentelemetry/api')): boolean {
  const tracers = api.trace.getTracerProvider()
  const traces =
    !(tracers instanceof api.ProxyTracerProvider) || tracers.getDelegateTracer('purser') !== undefined
  return traces || api.metrics.getMeterProvider().constructor.name !== 'NoopMeterProvider'
}
