// Turns the library's reports of unreadable values and rows into warnings beside a command's data.

import type { CorruptRow, Store } from '../../index.ts'
import type { Call } from './command.ts'

/** Warnings about each unreadable value, as the command encounters it. */
export function reportUnreadable(store: Store, note: Call['note']): void {
  store.on('persistence.value.unreadable', ({ table, id, column }) => {
    note(
      'warn',
      `${table} ${JSON.stringify(id)}: ${column} cannot be read; it was left as it is`,
      'UNREADABLE',
    )
  })
}

/** Warnings about the rows that a page had to skip. */
export function reportCorrupt(rows: readonly CorruptRow[], note: Call['note']): void {
  for (const { table, id, column } of rows) {
    note(
      'warn',
      `${table} ${JSON.stringify(id)} is not shown: its ${column} cannot be read; it was left as it is`,
      'CORRUPT_RECORD',
    )
  }
}
