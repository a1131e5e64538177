// One project per folder of test/, so that `npm test -- --project unit` runs one of them. Tests are told apart by what they cost:
// `npm test` runs the short ones, `npm run test:long` the others (named *.long.test.ts), `npm run test:all`
// both.
import { globSync, readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

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
]

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

export default defineConfig(({ mode }) => ({
  test: {
    pool: 'forks',
    // More than there are cores on a small machine: tests on servers wait for disks and locks most of their time.
    maxWorkers: 4,
    // A machine that does other things too is no failure.
    testTimeout: 240_000,
    hookTimeout: 120_000,
    setupFiles: process.env.PURSER_SEED ? ['./test/support/random-seed.ts'] : [],
    reporters: ['default', './test/support/conformance-reporter.ts'],
    projects: folders.flatMap((name) => {
      const files = chosen(name, mode)
      if (!hasTests(files)) return []
      return {
        extends: true as const,
        test: {
          name,
          ...files,
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
