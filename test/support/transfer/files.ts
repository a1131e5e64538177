// Files of records in a test's own hands: exported whole, cut into lines, changed, and sealed again
// with sums that fit.

import { createHash } from 'node:crypto'
import { exportRecords, type Store } from '../../../src/index.ts'

/** Everything an export writes, as text. */
export async function exportText(store: Store): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of exportRecords(store)) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** The lines of an export, without their ends. */
export async function exportLines(store: Store): Promise<readonly string[]> {
  return (await exportText(store)).trimEnd().split('\n')
}

/** The record lines alone: what exports of equal stores have the same of. */
export async function recordLinesOf(store: Store): Promise<readonly string[]> {
  return (await exportLines(store)).slice(1, -1)
}

/** A file with these record lines, and a trailer that fits them. */
export function sealed(header: string, records: readonly string[]): string {
  const counts: Record<string, number> = {}
  for (const record of records) {
    const type = /^\{"type":"(\w+)"/.exec(record)?.[1] ?? 'none'
    counts[type] = (counts[type] ?? 0) + 1
  }
  const sha256 = createHash('sha256')
    .update(records.map((record) => `${record}\n`).join(''))
    .digest('hex')
  const trailer = { type: 'trailer', records: records.length, counts, checksums: {}, sha256 }
  return [header, ...records, JSON.stringify(trailer), ''].join('\n')
}

/** Bytes as a stream of pieces. */
export async function* streamOf(content: string | Uint8Array, pieceBytes = 1000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content as string)
  for (let start = 0; start < bytes.length; start += pieceBytes)
    yield bytes.subarray(start, start + pieceBytes)
}
