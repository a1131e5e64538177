// Converts the ancestors' text times to instants. An unreadable time becomes the epoch, and one
// without an offset is read as UTC; both are findings. A time that is another form of the same
// instant is set aside, so that `down` restores it.

import type { MigrationStatement } from '../engines/contract/schema.ts'
import type { AdoptionWriter } from './expressions.ts'
import { noteFinding, original, setAside, type ValuePlace } from './preserved-values.ts'

/**
 * Replaces an unreadable time: the oldest possible, so that it sorts last and cannot be overlooked.
 */
export const EPOCH = '1970-01-01T00:00:00.000Z'

/** Statements that record a finding for each value that is no instant. */
export function instantFindings(writer: AdoptionWriter, place: ValuePlace): readonly MigrationStatement[] {
  const column = writer.column(place.column)
  const instant = writer.toInstant(column)
  const offset = writer.hasOffset(column)
  return [
    noteFinding(writer, place, 'time-unreadable', column, `${instant} IS NULL`),
    noteFinding(writer, place, 'time-without-offset', column, `${instant} IS NOT NULL AND NOT ${offset}`),
    setAside(
      writer,
      place,
      column,
      `${instant} IS NOT NULL AND ${offset} AND ${writer.fromInstant(instant)} <> ${column}`,
    ),
  ]
}

/** The time as the ancestor stored it. */
export function restoredInstant(writer: AdoptionWriter, place: ValuePlace): string {
  return `coalesce(${original(writer, place)}, ${writer.fromInstant(writer.column(place.column))})`
}
