// What one transaction has read by its id, so that a change that finds another version tells the
// two reasons apart: the caller came with an old version (VersionConflictError), or another writer
// committed between this transaction's own read and its change. The second is a lost race like a
// deadlock, which repeating the transaction mends. Where transactions run one after the other it
// never happens.

import type { Row, TableShape, WireValue, WriteOutcome } from '../../engines/contract/engine.ts'
import type { QueuedWrite } from '../../engines/core/dependent-writes.ts'
import { TransactionConflictError } from '../../errors.ts'

export class ReadVersions {
  #seen = new Map<string, ReadonlySet<string>>()

  /** Remembers the version of a row, where its table has versions. */
  note(shape: TableShape, key: WireValue, row: Row): void {
    const index = shape.columns.indexOf('version')
    if (index < 0) return
    const place = placeOf(shape, key)
    this.#seen.set(place, new Set([...(this.#seen.get(place) ?? []), String(row[index])]))
  }

  /**
   * Remembers how things are now. What it returns brings that back: a part that was rolled back has
   * read and written nothing.
   */
  mark(): () => void {
    const marked = new Map(this.#seen)
    return () => {
      this.#seen = new Map(marked)
    }
  }

  /**
   * The transaction has written itself: what it read of those rows before is old by its own doing.
   */
  noteOwn(operation: QueuedWrite, { kind }: WriteOutcome): void {
    if (kind === 'unmatched' || kind === 'failed') return
    switch (operation.kind) {
      case 'compareAndSet':
      case 'delete':
        this.#seen.delete(placeOf(operation.shape, operation.key))
        return
      case 'execute':
        // Which rows it changes is not known here.
        this.#seen.clear()
        return
      case 'dependent':
        if (operation.changes) this.#seen.delete(placeOf(operation.on.shape, operation.on.key))
        return
      case 'insert':
      case 'append':
        return
      default:
        operation satisfies never
    }
  }

  /**
   * The error for a row that is not at this version any more, when this transaction has read it so;
   * undefined when it has not, and when the version is ahead of the row's: versions only rise, so
   * no other writer can have caused that.
   */
  conflictFor(
    shape: TableShape,
    key: WireValue,
    version: number,
    actual: number,
  ): TransactionConflictError | undefined {
    if (version > actual || !this.#seen.get(placeOf(shape, key))?.has(String(version))) return undefined
    return new TransactionConflictError(
      `a row of ${shape.table} was changed by somebody else after this transaction had read it; repeat the transaction`,
    )
  }
}

function placeOf(shape: TableShape, key: WireValue): string {
  return `${shape.table} ${String(key)}`
}
