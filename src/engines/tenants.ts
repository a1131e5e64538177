// Lists the tenants at a URL.

import { tenantsQuery as mariadbTenants } from './mariadb/tenants.ts'
import { tenantsQuery as postgresTenants } from './postgres/tenants.ts'
import { createEngine, type EngineRequest } from './registry.ts'
import { parseServerUrl } from './server/url.ts'
import { tenantsBeside } from './sqlite/file/tenants.ts'
import { parseSqliteUrl } from './sqlite/file/url.ts'

const tenantName = /^[a-z][a-z0-9_]{0,30}$/

/**
 * The tenants with a separate database or schema, sorted by name; on a server, those that this user
 * may see.
 * @throws PersistenceConnectionError when the URL, without a tenant, cannot be opened
 */
export async function tenantsAt({
  url,
  root,
  driver,
}: Pick<EngineRequest, 'url' | 'root' | 'driver'>): Promise<readonly string[]> {
  const found = /^sqlite:/i.test(url)
    ? tenantsBeside(parseSqliteUrl({ url }).path, root)
    : await tenantsOnServer({ url, driver })
  return found.filter((name) => tenantName.test(name)).sort()
}

async function tenantsOnServer(request: Pick<EngineRequest, 'url' | 'driver'>): Promise<readonly string[]> {
  const query = /^postgres(?:ql)?:/i.test(request.url)
    ? postgresTenants(parseServerUrl(request, { scheme: 'postgres', port: 5432 }))
    : mariadbTenants(parseServerUrl(request, { scheme: 'mariadb', port: 3306 }))
  const engine = createEngine(request)
  await engine.connect()
  try {
    return (await engine.read(query)).map(([name]) => String(name))
  } finally {
    await engine.disconnect()
  }
}
