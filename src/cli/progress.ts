// Progress of a long run on stderr: a line that redraws itself on a terminal, or a plain line now and then where it is none
// and the run takes over a second. Quick runs away from a terminal print nothing.

import { bar } from './screen/amounts.ts'
import type { Paint } from './screen/screen.ts'
import { cut, pad } from './screen/text.ts'

const BAR_WIDTH = 24
/** Milliseconds between two drawings. */
const REDRAW = 80
const PLAIN_INTERVAL = 1000

export interface Progress {
  /** `done` of `total` steps; `label` says which one is under way. */
  update(done: number, total: number, label: string): void
  /** Removes the line. */
  clear(): void
}

type Output = Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number }

const silent: Progress = { update: () => undefined, clear: () => undefined }

export function createProgress(output: Output, paint: Paint, quiet: boolean): Progress {
  if (quiet) return silent
  return output.isTTY ? drawn(output, paint) : plain(output)
}

function drawn(output: Output, paint: Paint): Progress {
  let drawnAt = Number.NEGATIVE_INFINITY
  return {
    update: (done, total, label) => {
      const now = performance.now()
      if (now - drawnAt < REDRAW) return
      drawnAt = now
      const full = pad(bar(total === 0 ? 1 : done / total, BAR_WIDTH), BAR_WIDTH)
      const room = (output.columns ?? 80) - BAR_WIDTH - 4
      output.write(`\r\u001b[K${paint.cyan(full)}  ${cut(label, room)}`)
    },
    clear: () => {
      if (drawnAt > 0) output.write('\r\u001b[K')
    },
  }
}

function plain(output: Output): Progress {
  let printedAt = performance.now()
  return {
    update: (done, total, label) => {
      const now = performance.now()
      if (now - printedAt < PLAIN_INTERVAL) return
      printedAt = now
      output.write(`${label} (${done} of ${total})\n`)
    },
    clear: () => undefined,
  }
}
