// What a definition says about the life of its records.

/** What becomes of the records of a definition. */
export interface Life<F extends string = string> {
  /** The verbs that write the historic fields, for messages. */
  readonly verbs: readonly string[]
  /** The times that belong to where a record stands. */
  readonly timesOf?: ((record: Readonly<Record<string, unknown>>) => readonly F[]) | undefined
}
