// What passes between a database and the rest: values, rows, and statements with their parameters.

/** A value as the driver takes and gives it. */
export type WireValue = string | number | bigint | boolean | null | Date | Uint8Array
/** A row as the driver gives it: the selected columns in order. */
export type Row = readonly WireValue[]

/** A statement with its parameters; equal `sql` means equal shape, so engines cache prepared statements by it. */
export interface Query {
  readonly sql: string
  readonly parameters: readonly WireValue[]
}
