// Tables without lines, fitted to the screen: long texts are shortened a little, then optional
// columns are dropped, then texts are shortened more. Required values (ids, amounts) are never
// shortened, even if a line then overflows.

import type { Screen } from './screen.ts'
import { cut, displayWidth, pad } from './text.ts'

export interface Column<Row> {
  readonly title: string
  /** One line of printable text without colours. */
  readonly value: (row: Row) => string
  readonly align?: 'end'
  /** May be truncated to this many cells. */
  readonly shrinkTo?: number
  /** May be dropped on a narrow screen; the highest number goes first. */
  readonly spare?: number
  /** Colours a cell, once its text is fitted. */
  readonly paint?: (text: string, row: Row) => string
}

interface Fitted<Row> {
  readonly column: Column<Row>
  readonly cells: readonly string[]
  readonly width: number
}

const GAP = 2
/** Texts are not truncated below this while a column can be dropped instead. */
const COMFORTABLE = 24

/** The lines of a table: its header, then one for each row. */
export function table<Row>(
  screen: Pick<Screen, 'width' | 'paint'>,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): readonly string[] {
  const fitted = layOut(columns, rows, screen.width)
  const line = (cellOf: (item: Fitted<Row>) => readonly [text: string, paint: (text: string) => string]) =>
    fitted
      .map((item) => {
        const [text, paint] = cellOf(item)
        const shown = cut(text, item.width)
        return pad(paint(shown), item.width, item.column.align ?? 'start')
      })
      .join(' '.repeat(GAP))
      .trimEnd()
  return [
    line(({ column }) => [column.title, screen.paint.dim]),
    ...rows.map((row, index) =>
      line(({ column, cells }) => [
        cells[index] ?? '',
        (text) => (text === '' ? '' : (column.paint?.(text, row) ?? text)),
      ]),
    ),
  ]
}

function layOut<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): readonly Fitted<Row>[] {
  const natural = columns.map((column) => {
    const cells = rows.map((row) => column.value(row))
    return { column, cells, width: Math.max(displayWidth(column.title), ...cells.map(displayWidth)) }
  })
  for (let shown = natural; ; ) {
    const shrunk = shrink(shown, width, COMFORTABLE)
    if (totalOf(shrunk) <= width) return shrunk
    const spare = Math.max(...shown.map(({ column }) => column.spare ?? 0))
    if (spare === 0) return shrink(shown, width, 0)
    shown = shown.filter(({ column }) => column.spare !== spare)
  }
}

/**
 * Takes cells from the widest column that may be truncated, until the table fits or none can shrink
 * further.
 */
function shrink<Row>(items: readonly Fitted<Row>[], width: number, floor: number): readonly Fitted<Row>[] {
  const widths = items.map((item) => item.width)
  let excess = totalOf(items) - width
  while (excess > 0) {
    let widest = -1
    items.forEach(({ column }, index) => {
      const least = Math.max(column.shrinkTo ?? Number.POSITIVE_INFINITY, floor)
      const size = widths[index] ?? 0
      if (size > least && (widest < 0 || size > (widths[widest] ?? 0))) widest = index
    })
    if (widest < 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
    excess -= 1
  }
  return items.map((item, index) => ({ ...item, width: widths[index] ?? item.width }))
}

function totalOf(items: readonly { readonly width: number }[]): number {
  return items.reduce((sum, item) => sum + item.width, 0) + GAP * Math.max(0, items.length - 1)
}
