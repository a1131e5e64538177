// One project per folder of test/, so that `npm test -- --project unit` runs one of them.
import { defineConfig } from 'vitest/config'

const folders = ['unit', 'engines', 'migrations', 'cli', 'types']

/** What runs on PostgreSQL and MariaDB: `npm run test:servers`. It takes several minutes, and servers that answer or can be started. */
const onServers = ['test/engines/{postgres,mariadb}*.test.ts', 'test/engines/model.test.ts']

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    projects: [...folders, 'servers'].map((name) => ({
      extends: true,
      test: {
        name,
        include: name === 'servers' ? onServers : [`test/${name}/**/*.test.ts`],
        ...(name === 'engines' && { exclude: ['test/engines/{postgres,mariadb}*.test.ts'] }),
        // Finds or starts the servers.
        ...(name === 'servers' && { globalSetup: ['test/engines/server-harness.ts'] }),
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
