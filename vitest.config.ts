// One project per folder of test/, so that `npm test -- --project unit` runs one of them. Tests are told apart by what they cost:
// `npm test` runs the short ones, `npm run test:long` the others (named *.long.test.ts), `npm run test:all`
// both.
import { globSync, readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { coveredRooms } from './test/support/coverage-reporter.ts'
import LongestFirst from './test/support/longest-first.ts'

const folders = readdirSync('test', { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() && entry.name !== 'support' ? [entry.name] : [],
)
/** Nothing in these runs on a server. */
const withoutServers = [
  'config',
  'doctor',
  'observability',
  'records',
  'retention',
  'store',
  'types',
  'values',
  'web',
]

/**
 * Their files run one after the other in a process that loads every module once: loading them for
 * each file took half of the processor time. No test of theirs leaves a change behind in a module,
 * the environment or the working folder.
 */
const withSharedModules = ['cli', 'config', 'conformance', 'doctor', 'observability', 'records', 'web']

/** Vitest ends with an error where a project has no file. */
function hasTests({ include, exclude }: ReturnType<typeof chosen>): boolean {
  return globSync(include, { exclude }).length > 0
}

/** What of a folder a run of this mode takes: patterns to take and to leave out. */
function chosen(folder: string, mode: string): { include: string[]; exclude: string[] } {
  const every = [`test/${folder}/**/*.test.ts`]
  const marked = [`test/${folder}/**/*.long.test.ts`]
  if (mode === 'all') return { include: every, exclude: [] }
  return mode === 'long' ? { include: marked, exclude: [] } : { include: every, exclude: marked }
}

/** Whether some files or tests are chosen: the coverage of a part says nothing. */
const isPart = process.argv
  .slice(2)
  .some((word) => word.startsWith('test/') || /^(--project|--shard|--testNamePattern|-t)(=|$)/.test(word))

/** Whether `--outputFile.json` asks for a report that programs read, beside what people see. */
const hasJsonFile = process.argv.some((word) => word.startsWith('--outputFile.json'))

export default defineConfig(({ mode }) => ({
  test: {
    pool: 'forks',
    // More than there are cores on a small machine: tests on servers wait for disks and locks most of their time.
    maxWorkers: 4,
    // A machine that does other things too is no failure.
    testTimeout: 240_000,
    hookTimeout: 120_000,
    sequence: { sequencer: LongestFirst },
    setupFiles: process.env.PURSER_SEED ? ['./test/support/random-seed.ts'] : [],
    reporters: [
      'default',
      './test/support/conformance-reporter.ts',
      ...(hasJsonFile ? (['json'] as const) : []),
      './test/support/coverage-reporter.ts',
    ],
    coverage: {
      enabled: mode === 'all' && !isPart,
      provider: 'v8',
      include: coveredRooms.map((room) => `src/${room}/**/*.ts`),
      // The reporter says what it comes to; lines that were not run are in coverage/index.html.
      reporter: ['html', 'json-summary'],
    },
    projects: folders.flatMap((name) => {
      const files = chosen(name, mode)
      if (!hasTests(files)) return []
      return {
        extends: true as const,
        test: {
          name,
          ...files,
          isolate: !withSharedModules.includes(name),
          // Finds or starts the servers.
          ...(!withoutServers.includes(name) && { globalSetup: ['test/support/engines/server-harness.ts'] }),
          // These are never run: tsc says whether they hold.
          ...(name === 'types' && {
            typecheck: {
              enabled: true,
              only: true,
              ignoreSourceErrors: true,
              include: ['test/types/**/*.test.ts'],
            },
          }),
        },
      }
    }),
  },
}))
