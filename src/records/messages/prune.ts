// Removes old messages. Only the full-text index refers to them, and the database maintains that
// itself.

import { unreadable } from '../../engines/contract/engine.ts'
import {
  type Bound,
  type OldestPosition,
  oldestRows,
  type Pruner,
  removeRows,
  surveyRows,
  writeAlong,
} from '../repository/pruning.ts'
import type { RecordSession } from '../repository/session.ts'
import { messageDefinition } from './definition.ts'

/** Removes messages that are older than an instant. */
export function createMessagePruner(session: RecordSession): Pruner {
  const { codec } = session.engine
  const boundOf = (before: Date): Bound => ({
    column: 'timestamp',
    below: codec.encode.instant(before),
  })
  return {
    cutoff: (before) => before,
    survey: (before) => surveyRows(session, messageDefinition, boundOf(before)),
    begin: async (before, limit) => {
      const { rows } = await surveyRows(session, messageDefinition, boundOf(before))
      let position: OldestPosition | undefined
      return {
        planned: Math.min(rows, limit),
        remove: async (size, along) => {
          const done = await session.inTransaction(async (runner) => {
            const columns = ['timestamp', 'id']
            const found = await oldestRows(
              session,
              runner,
              messageDefinition,
              columns,
              boundOf(before),
              position,
              size,
            )
            // An unreadable time sorts arbitrarily and says nothing about the message's age.
            const old = found.filter(
              ([time]) => time !== null && codec.decode.instant(time ?? '') !== unreadable,
            )
            await removeRows(
              session,
              runner,
              messageDefinition,
              old.map(([, id]) => id ?? null),
            )
            if (old.length > 0) await writeAlong(runner, along)
            return { found, removed: old.length }
          })
          const last = done.found.at(-1)
          if (last) position = [last[0] ?? null, last[1] ?? null]
          const skipped = done.found.length - done.removed
          const auditWritten = done.removed > 0
          return { removed: done.removed, skipped, auditWritten, ended: done.found.length < size }
        },
      }
    },
  }
}
