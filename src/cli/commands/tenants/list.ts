// `purser tenants list`: the tenants that exist beside the database.

import { defineCommand } from '../../run/command.ts'
import { tenantsOf } from '../../run/session.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { counted } from '../../screen/text.ts'

export const listTenants = defineCommand({
  name: 'list',
  summary: 'list the tenants that there are',
  description:
    'List the tenants that have a separate database: a file beside the database, a schema or a database on the server, as far as this user may see them.',
  examples: [
    ['those beside the database here', 'tenants list'],
    ['those on a server', 'tenants list --url postgres://purser@db/books'],
  ],
  run: async (call) => {
    const names = await tenantsOf(call.global)
    const { tenant: _, ...place } = call.global
    const create = commandLine(call.screen, ['tenants', 'create', 'NAME', ...sameDatabase(place)])
    return {
      data: {
        items: names.map((name) => ({ name })),
        nextCursor: null,
        summary: { shown: names.length, total: names.length },
      },
      show: (screen) => {
        if (names.length === 0) return screen.quiet ? '' : `There are no tenants. To make one: ${create}`
        if (screen.quiet) return names.join('\n')
        return [...names, '', screen.paint.dim(counted(names.length, 'tenant'))].join('\n')
      },
    }
  },
})
