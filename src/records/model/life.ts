// What a definition says about the life cycle of its records.

/** The life cycle of a definition's records. */
export interface Life<F extends string = string> {
  /** The verbs that write the historic fields, for messages. */
  readonly verbs: readonly string[]
  /** The times that belong to a record's state. */
  readonly timesOf?: ((record: Readonly<Record<string, unknown>>) => readonly F[]) | undefined
}
