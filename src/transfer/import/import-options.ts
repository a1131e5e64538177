// What an import is asked to do, and what it reports while it runs.

import type { Transferred } from '../../errors.ts'
import type { ErrorPolicy } from '../enums.ts'

export interface ImportProgress extends Transferred {
  /** Lines of records that were read. */
  readonly records: number
}

export interface ImportOptions {
  /** At a line that cannot be stored: end the import (default, unless the file is partial), or leave the line out and go on. */
  readonly onError?: ErrorPolicy | undefined
  /** Checks every line and the sums, and writes nothing. Whether records refer to others that are there is not seen then. */
  readonly dryRun?: boolean | undefined
  /** The file may be partial: one of a damaged store, without what could not be read. Without it such a file is refused. */
  readonly partial?: boolean | undefined
  /** The longest line that is read, in bytes; 64 MiB by default. */
  readonly maxLineBytes?: number | undefined
  /** Ends the import after the set under way: it throws the signal's reason. A source that waits has to be ended by its owner. */
  readonly signal?: AbortSignal | undefined
  readonly progress?: ((progress: ImportProgress) => void) | undefined
}
