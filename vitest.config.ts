// One project per folder of test/, so that `npm test -- --project unit` runs one of them.
import { readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const folders = readdirSync('test', { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() && entry.name !== 'fixtures' ? [entry.name] : [],
)
/** Nothing in these runs on a server. */
const withoutServers = ['types', 'unit']

export default defineConfig({
  test: {
    pool: 'forks',
    // More than there are cores on a small machine: tests on servers wait for disks and locks most of their time.
    maxWorkers: 4,
    // A machine that does other things too is no failure.
    testTimeout: 240_000,
    hookTimeout: 120_000,
    setupFiles: process.env.PURSER_SEED ? ['./test/fixtures/random-seed.ts'] : [],
    reporters: ['default', './test/conformance-reporter.ts'],
    projects: folders.map((name) => ({
      extends: true,
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
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
    })),
  },
})
