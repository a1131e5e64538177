// Converts rows of one store to the forms of another: through the line, which is the same on every
// engine. Between stores of one engine no conversion is needed.

import { createHash } from 'node:crypto'
import type { Engine, Row } from '../../engines/contract/engine.ts'
import { LineError } from '../import/line-error.ts'
import type { RecordKind } from './record-kind.ts'
import { createLineCodec, type LineCodec } from './record-line.ts'

/** Why the other store cannot hold a row, and where in it; values are not reported. */
export interface ConversionError {
  readonly column: string | null
  readonly reason: string
}

export interface RowBridge {
  readonly source: LineCodec
  readonly target: LineCodec
  /** @param line the row's own line */
  convert(row: Row, line: string): Row | ConversionError
}

/**
 * Converts rows of one engine to rows of another, by way of their lines. Between engines of one
 * codec rows pass through unchanged.
 */
export function createRowBridge(kind: RecordKind, from: Engine, to: Engine): RowBridge {
  const [source, target] = [createLineCodec(kind, from.codec), createLineCodec(kind, to.codec)]
  const isSame = from.codec === to.codec
  return {
    source,
    target,
    convert: (row, line) => {
      if (isSame) return row
      try {
        return target.toRow(JSON.parse(line))
      } catch (error) {
        if (error instanceof LineError) return unfit(kind, error)
        throw error
      }
    },
  }
}

/** True for what `convert` returns in place of a row that the target cannot hold. */
export function isUnfit(crossed: Row | ConversionError): crossed is ConversionError {
  return !Array.isArray(crossed)
}

function unfit({ definition }: RecordKind, { path, message }: LineError): ConversionError {
  const [part, name, member] = path
  const column =
    part === 'stored'
      ? String(name)
      : definition.columns.find(
          (one) => one.field === name && (one.member === undefined || one.member === member),
        )?.name
  return { column: column ?? null, reason: message.slice(message.indexOf(' ') + 1) }
}

/** SHA-256 over lines, each with its line end, and their number. */
export class LineChecksum {
  readonly #hash = createHash('sha256')
  rows = 0

  add(lines: readonly string[]): void {
    if (lines.length === 0) return
    this.#hash.update(`${lines.join('\n')}\n`)
    this.rows += lines.length
  }

  digest(): string {
    return this.#hash.digest('hex')
  }
}
