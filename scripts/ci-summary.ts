// Prints the one plain line that CI reads, `N passed, N failed, N skipped`, from vitest's JSON
// reports. usage: node scripts/ci-summary.ts <report.json>…
import { readFileSync } from 'node:fs'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[]
}

const reports = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')) as Report)
const sum = (count: (report: Report) => number) => reports.reduce((total, report) => total + count(report), 0)
// A file that could not even be loaded has no tests to count, but it failed.
const brokenFiles = (report: Report) =>
  report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length

const passed = sum((report) => report.numPassedTests)
const failed = sum((report) => report.numFailedTests + brokenFiles(report))
const skipped = sum((report) => report.numPendingTests + report.numTodoTests)
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
