// Fresh databases on every engine there is, for stores that are moved between them: a file, a schema, a database, each gone when the
// test that asked for it has finished.

import mysql from 'mysql2/promise'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { createBackend, openStore, type Store } from '../../src/index.ts'
import { serverUrl } from '../engines/server-url.ts'
import { scratchFile } from '../fixtures/scratch.ts'

const postgres = serverUrl('postgres')
const mariadb = serverUrl('mariadb')

export type PlaceName = 'file' | 'postgres' | 'mariadb'

/** Where there are places on this machine; a file always comes first. */
export const placeNames: readonly PlaceName[] = [
  'file',
  ...(postgres === undefined ? [] : (['postgres'] as const)),
  ...(mariadb === undefined ? [] : (['mariadb'] as const)),
]
export const hasServers = placeNames.length === 3

let places = 0
const newName = () => {
  places += 1
  return `copy${process.pid}x${places}x${Math.random().toString(36).slice(2, 8)}`
}

/** The URL of a database with nothing in it. */
export async function freshUrl(place: PlaceName): Promise<string> {
  if (place === 'file') return `sqlite:${scratchFile()}`
  const name = newName()
  if (place === 'postgres') {
    onTestFinished(() => onPostgres(`DROP SCHEMA IF EXISTS ${name} CASCADE`))
    return `${postgres}?schema=${name}&poolMax=4`
  }
  await onMariadb(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`)
  onTestFinished(() => onMariadb(`DROP DATABASE IF EXISTS ${name}`))
  return String(mariadb).replace(/\/[^/]*$/, `/${name}?poolMax=4`)
}

/** Runs statements on the server, over a connection of the test's own. */
export async function onPostgres(...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: postgres })
  client.on('notice', () => undefined)
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

/** The same on MariaDB, where names stand in double quotes. */
export async function onMariadb(...statements: readonly string[]): Promise<void> {
  const connection = await mysql.createConnection(String(mariadb))
  try {
    await connection.query("SET sql_mode = 'ANSI_QUOTES'")
    for (const statement of statements) await connection.query(statement)
  } finally {
    await connection.end()
  }
}

/** Opens a store, which is closed when the test has finished. */
export async function opened(url: string): Promise<Store> {
  const store = await openStore(url)
  onTestFinished(() => store.close())
  return store
}

/** A store that is connected and has no schema yet: what a copy goes to. */
export async function connected(url: string): Promise<Store> {
  const store = createBackend({ url, migrate: 'off' })
  onTestFinished(() => store.close())
  await store.connect()
  return store
}

/** A new store on a place, without a schema. */
export async function target(place: PlaceName = 'file'): Promise<Store> {
  return connected(await freshUrl(place))
}

/** A new store on a place, ready for use. */
export async function source(place: PlaceName = 'file'): Promise<Store> {
  return opened(await freshUrl(place))
}
