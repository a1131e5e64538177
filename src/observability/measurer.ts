// What a store tells whoever measures it, beside OpenTelemetry: durations of its operations, and
// the sizes of its write sets.

/** What is measured: a read, a batch of writes, a transaction. */
export type MeasuredOperation = 'read' | 'write_set' | 'transaction'

export interface Measurer {
  /** @param errorType the code of what failed; undefined if nothing did */
  operation(operation: MeasuredOperation, seconds: number, errorType: string | undefined): void
  /** A finished set: how many writes it had, and how many are waiting now. */
  set(size: number, waiting: number): void
}

/** The kind of an error for a measurement: its code or name, never its message. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
