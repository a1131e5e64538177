// `npm run help`: every command of this repository with one line on what it does. The lines are
// maintained only here. Fails if a script of package.json has no line, or a line no script; --check
// does that and prints nothing else.
import { readFileSync } from 'node:fs'

const lines: Readonly<Record<string, string>> = {
  help: 'this list',
  demo: 'make purser-demo.db, record a small agent organisation at work, show its tasks, costs and messages',
  build: 'bundle src into dist',
  test: 'run the short tests: units, types, conformance on all three engines, command line',
  'test:long': 'run the others: kills, faults, upgrades, transfers, many rows, pages as processes',
  'test:all': 'run both (one project: npm run test:all -- --project migrations)',
  'test:watch': 'run the tests touched by each change',
  check: 'run all checks below, report one line each',
  'check:types': 'TypeScript over sources, tests, bench, scripts and examples',
  'check:lint': 'lint and formatting (biome)',
  'check:unused': 'files, exports and dependencies nobody uses (knip)',
  'check:prose': 'plain words in comments and pages, comments of at most 100 columns',
  'check:layers': 'who may import whom, no cycles, drivers and engine names in their place',
  'check:generated': 'generated files are what their generators would write now',
  'check:help': 'every command has a line in this list',
  'check:package': 'the packed package: contents, exports and types (publint, attw)',
  docs: 'write the reference pages of docs/ from the sources',
  fix: 'repair formatting and what lint can repair',
  bench: 'measure against the raw drivers (npm run bench -- --check fails under target)',
  dependencies: 'run by npm after an install: build, and link the purser command',
  prepack: 'run by npm before it packs: build',
}

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  scripts: Record<string, string>
}
const problems = [
  ...Object.keys(manifest.scripts)
    .filter((name) => !(name in lines))
    .map((name) => `script "${name}" in package.json has no line in scripts/help.ts`),
  ...Object.keys(lines)
    .filter((name) => !(name in manifest.scripts))
    .map((name) => `scripts/help.ts describes "${name}", which is no script in package.json`),
]

if (!process.argv.includes('--check')) {
  const width = Math.max(...Object.keys(lines).map((name) => name.length))
  for (const [name, line] of Object.entries(lines)) {
    console.log(`npm run ${name.padEnd(width)}  ${line}`)
  }
}
for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
