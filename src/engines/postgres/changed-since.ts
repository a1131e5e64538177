// Detects whether another transaction changed a row since this one began. At READ COMMITTED the
// server does not report that as a conflict. A transaction that meets such a change has worked with
// stale data and should be repeated.

import type { Row, TableShape, WireValue } from '../contract/engine.ts'
import type { Connection } from './connection.ts'
import { quoteName } from './quoting.ts'

/**
 * What was committed at one moment: everything below `xmin`, and everything below `xmax` that is
 * not in `running`.
 */
export interface Snapshot {
  readonly xmin: bigint
  readonly xmax: bigint
  readonly running: ReadonlySet<bigint>
}

/** Parses the server's text form: `xmin:xmax:running,…`. */
export function parseSnapshot(text: string): Snapshot {
  const [xmin = '0', xmax = '0', running = ''] = text.split(':')
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    running: new Set(running === '' ? [] : running.split(',').map(BigInt)),
  }
}

/** True if any of the rows with these keys was written after `begun`. */
export async function changedSince(
  connection: Connection,
  shape: TableShape,
  keys: readonly WireValue[],
  begun: Snapshot,
): Promise<boolean> {
  const places = keys.map((_, index) => `$${index + 1}`).join(', ')
  const { rows } = await connection.run({
    sql: `SELECT xmin::text, pg_snapshot_xmax(pg_current_snapshot())::text FROM ${quoteName(shape.table)} WHERE ${quoteName(shape.key)} IN (${places})`,
    parameters: keys,
  })
  return rows.some((row) => !wasThere(writerOf(row), begun))
}

/**
 * Rows store the lower 32 bits of a transaction id. They refer to the latest matching id before the
 * next one to be assigned.
 */
function writerOf([low, next]: Row): bigint {
  const last = BigInt(String(next))
  const number = (last & ~0xffffffffn) | BigInt(String(low))
  return number > last ? number - 2n ** 32n : number
}

function wasThere(writer: bigint, { xmin, xmax, running }: Snapshot): boolean {
  return writer < xmin || (writer < xmax && !running.has(writer))
}
