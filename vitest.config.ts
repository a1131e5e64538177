// One project per folder of test/, so that `npm test -- --project unit` runs one of them.
import { defineConfig } from 'vitest/config'

const folders = ['unit', 'engines', 'migrations', 'cli', 'types']

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    projects: folders.map((name) => ({
      extends: true,
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        // Finds or starts the servers that the engines' tests run on.
        ...(name === 'engines' && { globalSetup: ['test/engines/server-harness.ts'] }),
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
