// Tells whether a row was changed by somebody else since a transaction began. At READ COMMITTED such a change is not a conflict of
// the server's own; a transaction that meets one has worked with what is no longer so, and is to be repeated.

import type { Row, TableShape, WireValue } from '../contract/engine.ts'
import type { Connection } from './connection.ts'
import { quoteName } from './quoting.ts'

/** What was committed at one moment: everything below `xmin`, and below `xmax` all that is not in `running`. */
export interface Snapshot {
  readonly xmin: bigint
  readonly xmax: bigint
  readonly running: ReadonlySet<bigint>
}

/** Reads the server's text form: `xmin:xmax:running,…`. */
export function parseSnapshot(text: string): Snapshot {
  const [xmin = '0', xmax = '0', running = ''] = text.split(':')
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    running: new Set(running === '' ? [] : running.split(',').map(BigInt)),
  }
}

/** Whether any of the rows with these keys was written after `begun`. */
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

/** Rows keep the lower 32 bits of a transaction's number; the one they mean is the last before the next to be given. */
function writerOf([low, next]: Row): bigint {
  const last = BigInt(String(next))
  const number = (last & ~0xffffffffn) | BigInt(String(low))
  return number > last ? number - 2n ** 32n : number
}

function wasThere(writer: bigint, { xmin, xmax, running }: Snapshot): boolean {
  return writer < xmin || (writer < xmax && !running.has(writer))
}
