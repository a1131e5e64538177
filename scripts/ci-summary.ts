// Prints a line for each of vitest's JSON reports, and as the last one the plain line that CI
// reads, `N passed, N failed, N skipped`: their sum.
// usage: node scripts/ci-summary.ts <report.json>…
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[]
}

// A file that could not even be loaded has no tests to count, but it failed.
const brokenFiles = (report: Report) =>
  report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length

interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const countsOf = (report: Report): Counts => ({
  passed: report.numPassedTests,
  failed: report.numFailedTests + brokenFiles(report),
  skipped: report.numPendingTests + report.numTodoTests,
})
const line = ({ passed, failed, skipped }: Counts) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

const runs = process.argv
  .slice(2)
  .map(
    (path) => [basename(path, '.json'), countsOf(JSON.parse(readFileSync(path, 'utf8')) as Report)] as const,
  )
for (const [name, counts] of runs) console.log(`${name}: ${line(counts)}`)
if (runs.length === 0) throw new Error('no report was named')
const sum = (of: (counts: Counts) => number) => runs.reduce((total, [, counts]) => total + of(counts), 0)
console.log(
  line({
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
  }),
)
