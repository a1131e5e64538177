// Bytes in JSON are base64; repositories take them as they are.

import type { RecordDefinition } from '../../records/model/define-record.ts'
import { bytesOfBase64 } from '../../values/bytes.ts'
import { invalidRequest } from '../answers/request-error.ts'

/** The input with its fields of bytes decoded. @throws RequestError for what is no base64 */
export function decodeBytes({ columns }: Pick<RecordDefinition, 'columns'>, input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input
  const fields = columns.filter(({ kind, field }) => kind === 'bytes' && Object.hasOwn(input, field))
  if (fields.length === 0) return input
  const decoded = { ...(input as Readonly<Record<string, unknown>>) }
  for (const { field } of fields) {
    const value = decoded[field]
    const bytes = typeof value === 'string' ? bytesOfBase64(value) : undefined
    if (bytes === undefined) throw invalidRequest([field], 'base64', 'must be base64 with padding')
    decoded[field] = bytes
  }
  return decoded
}
