// Which slot of the running totals a connection adds to. Two connections that write at once never have the same one, so their
// transactions do not wait for each other's totals, and cannot lock them in opposite order.

import { createHash } from 'node:crypto'
import { TOTAL_SLOTS } from './capabilities.ts'
import type { Connection } from './connection.ts'

/** The session's variable that the trigger of the totals reads. */
export const SLOT_VARIABLE = '@purser_slot'

/**
 * Takes the first slot that is free, with a lock that the server gives back when the connection ends, however it ends. Where none is,
 * the slot is shared, and the lock manager has to sort conflicts out.
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

/** Names of locks are the server's, not the database's, and have 64 characters at the most. */
export function lockName(database: string, purpose: string): string {
  return `purser ${createHash('sha256').update(database).digest('hex').slice(0, 24)} ${purpose}`
}
