// Assigns each connection a slot of the running totals. Two connections that write concurrently
// never share a slot, so their transactions do not wait for each other's totals, and cannot lock
// them in opposite order.

import { createHash } from 'node:crypto'
import { TOTAL_SLOTS } from './capabilities.ts'
import type { Connection } from './connection.ts'

/** The session variable that the totals trigger reads. */
export const SLOT_VARIABLE = '@purser_slot'

/**
 * Takes the first free slot, with a named lock that the server releases when the connection ends,
 * for whatever reason. If none is free, the slot is shared, and the lock manager resolves
 * conflicts.
 */
export async function takeSlot(connection: Connection, database: string): Promise<void> {
  if (connection.slot !== undefined) return
  connection.slot = (await freeSlot(connection, database)) ?? 1 + Math.floor(Math.random() * TOTAL_SLOTS)
  await connection.exec(`SET ${SLOT_VARIABLE} = ${connection.slot}`)
}

async function freeSlot(connection: Connection, database: string): Promise<number | undefined> {
  for (let slot = 1; slot <= TOTAL_SLOTS; slot += 1) {
    const [row] = await connection.all({
      sql: 'SELECT GET_LOCK(?, 0)',
      parameters: [lockName(database, `slot ${slot}`)],
    })
    if (Number(row?.[0]) === 1) return slot
  }
  return undefined
}

/**
 * The name of a server lock. Lock names are global to the server, not to the database, and have at
 * most 64 characters.
 */
export function lockName(database: string, purpose: string): string {
  return `purser ${createHash('sha256').update(database).digest('hex').slice(0, 24)} ${purpose}`
}
