// Stores for tests that move them from one place to another, on every engine there is; closed when
// the test that asked for one has finished.

import mysql from 'mysql2/promise'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { createBackend, openStore, type Store } from '../../../src/index.ts'
import { serverUrl } from '../engines/server-url.ts'
import { type EngineName, engineNames, freshUrl, isThere } from '../fresh-url.ts'

/** The engines that can be had here; files come first. */
export const placeNames: readonly EngineName[] = engineNames.filter(isThere)
export const hasServers = placeNames.length === engineNames.length

/** Runs statements on the server, over a connection of the test's own. */
export async function onPostgres(...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl('postgres') })
  client.on('notice', () => undefined)
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

/** The same on MariaDB. */
export async function onMariadb(...statements: readonly string[]): Promise<void> {
  const connection = await mysql.createConnection(String(serverUrl('mariadb')))
  try {
    for (const statement of statements) await connection.query(statement)
  } finally {
    await connection.end()
  }
}

/** Opens a store. */
export async function opened(url: string): Promise<Store> {
  const store = await openStore(url)
  onTestFinished(() => store.close())
  return store
}

/** A store that is connected, its schema as it is: what a copy goes to. */
export async function connected(url: string): Promise<Store> {
  const store = createBackend({ url, migrate: 'off' })
  onTestFinished(() => store.close())
  await store.connect()
  return store
}

/** A new store without a schema. */
export async function target(place: EngineName = 'sqlite'): Promise<Store> {
  return connected(await freshUrl(place))
}

/** A new store that is ready for use. */
export async function source(place: EngineName = 'sqlite'): Promise<Store> {
  return opened(await freshUrl(place))
}
