// Progress of a long run on stderr: a line that redraws itself on a terminal, otherwise an
// occasional plain line if the run takes over a second. Quick runs without a terminal print
// nothing.

import { bar, percent } from './amounts.ts'
import { DEFAULT_WIDTH, type Paint } from './screen.ts'
import { cut, pad } from './text.ts'

const BAR_WIDTH = 24
/** Milliseconds between two lines without a terminal. */
const INTERVAL = 1000

export interface Progress {
  /**
   * `share` (0 to 1) of the work is done, null if the total is unknown; `label` names the current
   * step.
   */
  update(share: number | null, label: string): void
  /** Removes the line. */
  clear(): void
}

type Output = Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number }

const silent: Progress = { update: () => undefined, clear: () => undefined }

/** A line that is redrawn on a terminal, plain lines elsewhere, and nothing with `--quiet`. */
export function createProgress(output: Output, paint: Paint, quiet: boolean): Progress {
  if (quiet) return silent
  return output.isTTY ? drawn(output, paint) : plain(output)
}

function drawn(output: Output, paint: Paint): Progress {
  let isDrawn = false
  return {
    update: (share, label) => {
      isDrawn = true
      const full = share === null ? '' : `${paint.cyan(pad(bar(share, BAR_WIDTH), BAR_WIDTH))}  `
      const room = (output.columns || DEFAULT_WIDTH) - (share === null ? 1 : BAR_WIDTH + 4)
      output.write(`\r\u001b[K${full}${cut(label, room)}`)
    },
    clear: () => {
      if (isDrawn) output.write('\r\u001b[K')
      isDrawn = false
    },
  }
}

function plain(output: Output): Progress {
  let printedAt = performance.now()
  return {
    update: (share, label) => {
      const now = performance.now()
      if (now - printedAt < INTERVAL) return
      printedAt = now
      output.write(share === null ? `${label}\n` : `${percent(share)}  ${label}\n`)
    },
    clear: () => undefined,
  }
}
