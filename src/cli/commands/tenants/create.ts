// `purser tenants create`: creates the database of a new tenant.

import { readTenantName } from '../../flags/tenant-name.ts'
import { defineCommand, required } from '../../run/command.ts'
import { CommandError } from '../../run/failure.ts'
import { locate, whileConnected } from '../../run/session.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'

export const createTenant = defineCommand({
  name: 'create',
  summary: 'make the database of a new tenant',
  description:
    'Make the database of a new tenant: a file beside the database, a schema or a database on the server. Commands reach it with --tenant.',
  args: {
    tenant: required(
      'its name: a small letter, then small letters, digits or underscores, at most 31 in all',
      readTenantName,
    ),
  },
  examples: [
    ['a tenant of the database here', 'tenants create acme'],
    ['and its first look', 'status --tenant acme'],
  ],
  run: async (call) => {
    const { tenant } = call.args
    const global = { ...call.global, tenant }
    const { store, isNew } = await locate(global)
    if (!isNew) {
      throw new CommandError('TENANT_EXISTS', `there is a tenant ${tenant} already: ${store.location}`)
    }
    return whileConnected(store, async () => {
      const { to } = await store.migrate()
      return {
        data: { tenant, location: store.location, schemaVersion: to },
        show: (screen) =>
          screen.quiet
            ? tenant
            : `Made tenant ${tenant}, at version ${to}: ${store.location}\n  ${commandLine(screen, ['status', ...sameDatabase(global)])}`,
      }
    })
  },
})
