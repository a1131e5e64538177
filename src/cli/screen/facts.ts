// Facts about one thing: labels and values in two columns. A fact without a value is omitted.

import type { Screen } from './screen.ts'
import { displayWidth, pad, wrap } from './text.ts'

export type Fact = readonly [label: string, value: string | null | undefined]

/** The lines of a list of facts; long values wrap within their column. */
export function facts(screen: Pick<Screen, 'width' | 'paint'>, items: readonly Fact[]): readonly string[] {
  const given = items.filter((item): item is readonly [string, string] => Boolean(item[1]))
  const indent = 2 + Math.max(0, ...given.map(([label]) => displayWidth(label))) + 2
  return given.flatMap(([label, value]) => {
    const [first = '', ...rest] = wrap(value, Math.max(20, screen.width - indent))
    return [
      `  ${screen.paint.dim(pad(label, indent - 4))}  ${first}`,
      ...rest.map((line) => ' '.repeat(indent) + line),
    ]
  })
}
