// Keys of advisory locks: 64 bits for one purpose in one schema. If two purposes collide, they only
// wait for each other.

import { createHash } from 'node:crypto'

/**
 * The key of an advisory lock: the same for every process, different for each purpose and schema.
 */
export function advisoryKey(purpose: string, schema: string): bigint {
  return createHash('sha256').update(`purser\0${purpose}\0${schema}`).digest().readBigInt64BE()
}
