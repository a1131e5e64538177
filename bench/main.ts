// `npm run bench [-- --json FILE] [--check] [--only GROUP]`: runs every row, prints a table, writes
// JSON. With --check it fails if a row misses its target by more than a fifth.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import Table from 'cli-table3'
import { adoptionRows } from './adoption.ts'
// First of all: a request for help should not wait for anything that measures.
import { benchOptions, type groupNames } from './arguments.ts'
import { mariadbRows } from './mariadb.ts'
import { planRows } from './plans.ts'
import { postgresRows } from './postgres.ts'
import { processRows } from './process.ts'
import { readRows } from './reads.ts'
import { passes, type Row, reached, TOLERANCE } from './row.ts'
import { startRows } from './start.ts'
import { transferRows } from './transfer.ts'
import { workRows } from './work/index.ts'
import { writeRows } from './writes.ts'

const groups = {
  writes: writeRows,
  reads: readRows,
  plans: planRows,
  adoption: adoptionRows,
  mariadb: mariadbRows,
  process: processRows,
  start: startRows,
  postgres: postgresRows,
  transfer: transferRows,
  work: workRows,
} satisfies Record<(typeof groupNames)[number], unknown>
const folder = mkdtempSync(`${benchOptions.folder}/.bench-`)
const rows: Row[] = []

try {
  for (const [name, measure] of Object.entries(groups)) {
    if (benchOptions.only !== undefined && benchOptions.only !== name) continue
    for await (const row of measure(folder)) {
      rows.push(row)
      process.stderr.write(`${stateOf(row)} ${row.workload}\n`)
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const table = new Table({
  head: ['workload', 'ours', 'against', 'ratio', 'target', ''],
  colAligns: ['left', 'right', 'right', 'right', 'right', 'left'],
  style: { head: [], border: [] },
})
for (const row of rows) table.push(describe(row))
process.stdout.write(`${table.toString()}\n`)
process.stdout.write(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}\n`,
)

if (benchOptions.json !== undefined) {
  const report = { measuredAt: new Date().toISOString(), node: process.version, cores: cpus().length, rows }
  writeFileSync(benchOptions.json, `${JSON.stringify(report, null, 2)}\n`)
}
if (benchOptions.check) {
  const missed = rows.filter((row) => !passes(row))
  for (const row of missed)
    process.stderr.write(`below target by more than ${TOLERANCE * 100} %: ${row.workload}\n`)
  process.exitCode = missed.length > 0 ? 1 : 0
}

function describe(row: Row): string[] {
  const amount = (value: number | null) =>
    value === null ? '' : `${value.toFixed(value < 10 ? 2 : 1)} ${row.unit}`
  const ratio = row.ratio === null ? '' : row.ratio.toFixed(2)
  return [
    row.workload,
    amount(row.ours),
    amount(row.raw),
    ratio,
    describeTarget(row.target, row.unit),
    row.missing ?? verdictOf(row),
  ]
}

/** Four characters about a row that has just been measured. */
function stateOf(row: Row): string {
  if (row.missing !== undefined) return '--  '
  return reached(row) ? 'ok  ' : 'miss'
}

function verdictOf(row: Row): string {
  if (row.target.kind === 'none') return ''
  return reached(row) ? 'ok' : `missed${boundOf(row)}`
}

function boundOf({ target }: Row): string {
  if (target.kind !== 'at least' || target.bound === undefined) return ''
  return ` (by hand ${target.bound.toFixed(2)})`
}

function describeTarget(target: Row['target'], unit: Row['unit']): string {
  switch (target.kind) {
    case 'at most':
      return `≤ ${target.value} ${unit}`
    case 'at least':
      return `≥ ${Number(target.ratio.toFixed(2))}`
    case 'none':
      return ''
    default:
      return target satisfies never
  }
}
