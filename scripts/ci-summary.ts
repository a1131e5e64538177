// Prints the one plain line that CI reads, `N passed, N failed, N skipped`, from vitest's JSON report.
// usage: node scripts/ci-summary.ts <report.json>
import { readFileSync } from 'node:fs'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[]
}

const [path = ''] = process.argv.slice(2)
const report = JSON.parse(readFileSync(path, 'utf8')) as Report
// A file that could not even be loaded has no tests to count, but it failed.
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
).length
const failed = report.numFailedTests + brokenFiles
const skipped = report.numPendingTests + report.numTodoTests
console.log(`${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
