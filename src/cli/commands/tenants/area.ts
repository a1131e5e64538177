// `purser tenants …`

import type { Area } from '../../run/command.ts'
import { createTenant } from './create.ts'
import { listTenants } from './list.ts'

export const tenants: Area = {
  name: 'tenants',
  summary: 'organisations with separate databases: list, create',
  commands: [listTenants, createTenant],
}
