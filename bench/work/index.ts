// Rows about work: claims and reservations.

import type { Row } from '../row.ts'
import { claimRows } from './claims.ts'
import { claimRowsOfServer } from './claims-of-server.ts'
import { reservationRows } from './reservations.ts'

export async function* workRows(folder: string): AsyncGenerator<Row> {
  yield* claimRowsOfServer()
  yield* claimRows(folder)
  yield* reservationRows(folder)
}
