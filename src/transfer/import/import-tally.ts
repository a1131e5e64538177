// Counts the results of an import by kind, and keeps the first of its failures.

import type { Transferred } from '../../errors.ts'
import { recordTypes } from '../enums.ts'

/** The most failures that are kept; any further ones are only counted. */
export const MAX_FAULTS = 100

/** A line that could not be stored. */
export interface LineFault {
  /** From 1: the header is line 1. */
  readonly line: number
  /** The kind of record, if the line names it. */
  readonly type: string | null
  /** What is wrong; contains no value of the line. */
  readonly message: string
}

export class ImportTally {
  /** Lines between header and trailer. */
  records = 0
  readonly faults: LineFault[] = []
  /** Lines that could not be read as a record: whatever damaged them may have changed others. */
  unread = 0
  readonly #byType = new Map<string, { stored: number; unchanged: number; failed: number }>()
  #failed = 0

  of(type: string): { stored: number; unchanged: number; failed: number } {
    let counts = this.#byType.get(type)
    if (!counts) {
      counts = { stored: 0, unchanged: 0, failed: 0 }
      this.#byType.set(type, counts)
    }
    return counts
  }

  fail(fault: LineFault): void {
    this.#failed += 1
    if (fault.type !== null) this.of(fault.type).failed += 1
    if (this.faults.length < MAX_FAULTS) this.faults.push(fault)
  }

  /** In transfer order. */
  get byType(): Readonly<Record<string, Transferred>> {
    const known = recordTypes.flatMap((type) => {
      const counts = this.#byType.get(type)
      return counts ? [[type, { ...counts }] as const] : []
    })
    return Object.fromEntries(known)
  }

  get transferred(): Transferred {
    let [stored, unchanged] = [0, 0]
    for (const counts of this.#byType.values()) {
      stored += counts.stored
      unchanged += counts.unchanged
    }
    return { stored, unchanged, failed: this.#failed }
  }
}
