// The arguments of `npm run bench`. Parsed before anything is measured: help and usage errors end
// the process here.

import { Command, Option } from 'commander'

/** Groups of rows by name, in execution order. */
export const groupNames = [
  'writes',
  'reads',
  'plans',
  'adoption',
  'mariadb',
  'process',
  'start',
  'postgres',
  'transfer',
  'work',
] as const

interface BenchOptions {
  readonly json?: string
  readonly check: boolean
  readonly only?: (typeof groupNames)[number]
  readonly folder: string
}

const command = new Command('npm run bench --')
  .description(
    'Measures Purser against the raw drivers in the same run; ratios count, absolute numbers do not.',
  )
  .addOption(new Option('--only <group>', 'measure one group of rows').choices(groupNames))
  .option('--check', 'exit with 1 when a row misses its target by more than a fifth', false)
  .option('--json <file>', 'write the rows as JSON, too')
  .option('--folder <path>', 'where the databases of the run are made and removed', '.')
  .addHelpText(
    'after',
    '\nExamples:\n  npm run bench\n  npm run bench -- --only reads\n  npm run bench -- --check --json bench.json',
  )
  .allowExcessArguments(false)
  .exitOverride(({ code, exitCode }) => process.exit(code.startsWith('commander.help') ? exitCode : 2))
  .parse()

export const benchOptions: BenchOptions = command.opts()
