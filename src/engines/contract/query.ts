// What is exchanged with a database: values, rows, and statements with their parameters.

/** A value as the driver accepts and returns it. */
export type WireValue = string | number | bigint | boolean | null | Date | Uint8Array
/** A row as the driver returns it: the selected columns in order. */
export type Row = readonly WireValue[]

/**
 * A statement with its parameters. Engines cache prepared statements by `sql`, so equal `sql` means
 * equal shape.
 */
export interface Query {
  readonly sql: string
  readonly parameters: readonly WireValue[]
}
