// Says at the end of a run with coverage how many lines of each room were run. Child processes do
// not count.

import { relative } from 'node:path'
import type { Reporter } from 'vitest/node'

/** The rooms of `src` in which what no test runs is found out by whoever loses records. */
export const coveredRooms = ['records', 'engines', 'migrations', 'transfer'] as const
/** The part of a coverage map that is read here. */
interface CoverageMap {
  files(): readonly string[]
  fileCoverageFor(file: string): {
    toSummary(): { readonly lines: { readonly total: number; readonly covered: number } }
  }
}

export default class CoverageReporter implements Reporter {
  onCoverage(coverage: unknown): void {
    const map = coverage as CoverageMap
    const files = map.files().map((file) => [relative('src', file), map.fileCoverageFor(file)] as const)
    const shares = coveredRooms.map((room) => {
      const lines = files.flatMap(([file, found]) =>
        file.startsWith(`${room}/`) ? [found.toSummary().lines] : [],
      )
      const total = lines.reduce((sum, each) => sum + each.total, 0)
      const covered = lines.reduce((sum, each) => sum + each.covered, 0)
      return [room, total === 0 ? 100 : (100 * covered) / total] as const
    })
    const shown = shares.map(([room, share]) => `${room} ${share.toFixed(1)} %`).join(', ')
    process.stdout.write(`\nlines of src that were run: ${shown}\n`)
  }
}
