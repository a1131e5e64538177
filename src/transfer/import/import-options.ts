// The options of an import, and what it reports while it runs.

import type { Transferred } from '../../errors.ts'
import type { ErrorPolicy } from '../enums.ts'

export interface ImportProgress extends Transferred {
  /** Lines of records that were read. */
  readonly records: number
}

export interface ImportOptions {
  /**
   * At a line that cannot be stored: end the import (default, unless the file is partial), or skip
   * the line and continue.
   */
  readonly onError?: ErrorPolicy | undefined
  /**
   * Checks every line and the checksums, and writes nothing. It does not detect references to
   * nonexistent records.
   */
  readonly dryRun?: boolean | undefined
  /**
   * The file may be partial: one of a damaged store, without what could not be read. Otherwise such
   * a file is refused.
   */
  readonly partial?: boolean | undefined
  /** The longest line that is read, in bytes; 64 MiB by default. */
  readonly maxLineBytes?: number | undefined
  /**
   * Ends the import after the current batch: it throws the signal's reason. A source that is
   * waiting must be ended by its owner.
   */
  readonly signal?: AbortSignal | undefined
  readonly progress?: ((progress: ImportProgress) => void) | undefined
}
