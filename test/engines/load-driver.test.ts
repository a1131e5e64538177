// Where a driver comes from: its package, the application, and what is said when neither can be
// used.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import mysql from 'mysql2'
import mysqlPromise from 'mysql2/promise'
import pg, * as pgNamespace from 'pg'
import { describe, expect, test } from 'vitest'
import { loadDriver } from '../../src/engines/core/load-driver.ts'
import { checkAside } from '../../src/engines/sqlite/file/integrity.ts'
import { createBackend, openStore, type StoreDriver } from '../../src/index.ts'
import { scratchFile, scratchFolder } from '../support/scratch.ts'

const isDriver = (value: unknown): value is { Client: unknown } =>
  typeof value === 'object' && value !== null && 'Client' in value

/** What is said when a package `pg` with this content is loaded; none without content. */
async function failureOf(content: string | undefined, name = 'pg') {
  const folder = scratchFolder()
  const modules = join(folder, 'node_modules', name)
  mkdirSync(modules, { recursive: true })
  if (content !== undefined) writeFileSync(join(modules, 'index.js'), content)
  const main = join(folder, 'main.mjs')
  writeFileSync(main, `export const load = () => import('${name}')`)
  const { load } = await import(pathToFileURL(main).href)
  return loadDriver({ name, load, isDriver }, undefined).then(
    () => 'loaded',
    (error: Error) => error.message,
  )
}

test.each(['postgres', 'mariadb'])('what is no driver is reported in the same words: %s', async (engine) => {
  const url = `${engine}://ada@127.0.0.1:1/books`
  await expect(openStore({ url, driver: {} as never })).rejects.toThrow(
    /^\w+:.*books\S* cannot be opened: the driver /,
  )
})

describe('U4: a driver', () => {
  test('that is not installed', async () => {
    expect(await failureOf(undefined, 'pg-not-there')).toMatch(
      /^the driver pg-not-there is not installed; run npm install pg-not-there/,
    )
  })

  test('that is there and lacks a package of its own', async () => {
    expect(await failureOf("require('pg-types-not-there')")).toBe(
      "the driver pg is there, but cannot be loaded: Cannot find module 'pg-types-not-there'",
    )
  })

  test('that throws while it is loaded', async () => {
    expect(await failureOf("throw new Error('built for another Node.js')")).toBe(
      'the driver pg is there, but cannot be loaded: built for another Node.js',
    )
  })

  test('that is another package of this name', async () => {
    expect(await failureOf('module.exports = { client: 1 }')).toContain('is not the driver')
  })
})

describe('P2: a driver that is handed in', () => {
  const drivers: readonly (readonly [string, StoreDriver])[] = [
    ['sqlite::memory:', Database],
    ['sqlite::memory:', { default: Database }],
  ]
  test.each(drivers)('opens %s', async (url, driver) => {
    await using store = createBackend({ url, driver }, { environment: {}, file: null })
    await store.connect()
    expect(store.isConnected).toBe(true)
  })

  const others: readonly (readonly [string, StoreDriver, string])[] = [
    ['sqlite::memory:', pg, 'better-sqlite3'],
    ['postgres://localhost/none', mysql, 'pg'],
    ['mariadb://localhost/none', pgNamespace, 'mysql2'],
    ['mariadb://localhost/none', mysqlPromise as unknown as StoreDriver, 'mysql2'],
  ]
  test.each(others)('and is not the one of %s', async (url, driver, name) => {
    const store = createBackend({ url, driver }, { environment: {}, file: null })
    await expect(store.connect()).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      retryable: false,
      message: expect.stringContaining(`the driver that was handed in is not ${name};`),
    })
  })
})

describe('P2: a copy is examined', () => {
  const path = () => {
    const file = scratchFile()
    new Database(file).exec('CREATE TABLE t (a)').close()
    return file
  }
  const notAsked = () => Promise.reject(new Error('this thread was asked'))

  test('in a thread, where the driver has a file', async () => {
    expect(await checkAside(path(), Database, notAsked, notAsked)).toEqual([])
  })

  test('in this thread, where it has none', async () => {
    await expect(checkAside(path(), class Inside {}, notAsked, notAsked)).rejects.toThrow(
      'this thread was asked',
    )
  })

  test('in this thread, where the other one fails', async () => {
    const missing = `${path()}-not-there`
    await expect(checkAside(missing, Database, notAsked, notAsked)).rejects.toThrow('this thread was asked')
  })
})
