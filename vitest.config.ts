// One project per folder of test/, so that `npm test -- --project unit` runs one of them. Tests are told apart by what they cost:
// `npm test` runs the short ones, `npm run test:long` the others (whole folders, and files named *.long.test.ts), `npm run test:all`
// both.
import { readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const folders = readdirSync('test', { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() && entry.name !== 'fixtures' ? [entry.name] : [],
)
/** Kills, faults, restarts, upgrades, whole databases moved: minutes each. */
const long = ['engines', 'fuzz', 'loss', 'migrations', 'transfer']
/** Nothing in these runs on a server. */
const withoutServers = ['types', 'unit']

/** What of a folder a run of this mode takes: patterns to take and to leave out, or nothing of it. */
function chosen(folder: string, mode: string): { include: string[]; exclude: string[] } | undefined {
  const every = [`test/${folder}/**/*.test.ts`]
  const marked = [`test/${folder}/**/*.long.test.ts`]
  if (mode === 'all' || (mode === 'long' && long.includes(folder))) return { include: every, exclude: [] }
  if (mode === 'long') return folder === 'types' ? undefined : { include: marked, exclude: [] }
  return long.includes(folder) ? undefined : { include: every, exclude: marked }
}

export default defineConfig(({ mode }) => ({
  test: {
    pool: 'forks',
    // More than there are cores on a small machine: tests on servers wait for disks and locks most of their time.
    maxWorkers: 4,
    // A machine that does other things too is no failure.
    testTimeout: 240_000,
    hookTimeout: 120_000,
    setupFiles: process.env.PURSER_SEED ? ['./test/fixtures/random-seed.ts'] : [],
    reporters: ['default', './test/conformance-reporter.ts'],
    projects: folders.flatMap((name) => {
      const files = chosen(name, mode)
      if (!files) return []
      return {
        extends: true as const,
        test: {
          name,
          ...files,
          // Finds or starts the servers.
          ...(!withoutServers.includes(name) && { globalSetup: ['test/engines/server-harness.ts'] }),
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
