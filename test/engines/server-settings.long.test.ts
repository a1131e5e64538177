// docs/server-settings.md against the code, for what is set, and against running servers, for what
// there is to set: a variable that a server has and the page does not name is one that nobody has
// thought about.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { optionalVariables, sessionVariables } from '../../src/engines/mariadb/session-settings.ts'
import {
  guardedSettings,
  optionalSettings,
  sessionSettings,
} from '../../src/engines/postgres/session-settings.ts'
import { onMariadb, rowsOf } from '../support/engines/mariadb-databases.ts'
import { onServer } from '../support/engines/postgres-schemas.ts'
import { startPrivatePostgres } from '../support/engines/private-servers.ts'
import { serverUrl } from '../support/engines/server-url.ts'

type Texts = Readonly<Record<string, string>>

const page = readFileSync(new URL('../../docs/server-settings.md', import.meta.url), 'utf8')

/**
 * The cells of the tables below a heading, up to the next one of its level, without the heads of
 * the tables.
 */
function tableRows(text: string, heading: string): readonly (readonly string[])[] {
  const level = heading.replace(/ .*/, '')
  const [, ...after] = text.split(`\n${heading}`)
  const section = after.join('').split(`\n${level} `)[0] ?? ''
  return section.split('\n').flatMap((line, index, lines) => {
    const isRow = line.startsWith('| ') && !line.startsWith('| ---')
    return isRow && !lines[index + 1]?.startsWith('| ---') ? [line.slice(2, -2).split(' | ')] : []
  })
}

const quoted = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '')

/** Every name in the tables of an engine: in the first cell of two, in the second of three. */
function namesOf(engine: string): readonly string[] {
  return tableRows(page, `## ${engine}`).flatMap((cells) => quoted(cells.length === 3 ? cells[1] : cells[0]))
}

function setOf(engine: string, heading: string): Texts {
  const section = page.split(`\n## ${engine}`)[1] ?? ''
  return Object.fromEntries(
    tableRows(section, heading).map(([name = '', value = '']) => [
      quoted(name)[0],
      value === 'empty' ? '' : (quoted(value)[0] ?? value),
    ]),
  )
}

/** What is set, with the name of the URL's parameter in place of values that follow it. */
function following(of: (limits: { statementTimeout: number; lockTimeout: number }) => Texts): Texts {
  const usual = of({ statementTimeout: 1000, lockTimeout: 1000 })
  const statement = of({ statementTimeout: 9000, lockTimeout: 1000 })
  const lock = of({ statementTimeout: 1000, lockTimeout: 9000 })
  return Object.fromEntries(
    Object.entries(usual).map(([name, value]) => {
      if (statement[name] !== value) return [name, 'statementTimeout']
      return [name, lock[name] === value ? value.replace(/^'(.*)'$/, '$1') : 'lockTimeout']
    }),
  )
}

function expectAllNamed(engine: string, live: readonly string[]): void {
  const named = new Set(namesOf(engine))
  expect(live.length).toBeGreaterThan(150)
  expect(live.filter((name) => !named.has(name))).toEqual([])
}

describe('docs/server-settings.md', () => {
  test.each(['MariaDB', 'PostgreSQL'])('names each variable of %s once', (engine) => {
    const names = namesOf(engine)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  test('has the values that sessions of MariaDB are set to', () => {
    expect(setOf('MariaDB', '### Set for every session')).toEqual(following(sessionVariables))
    expect(setOf('MariaDB', '### Set where the server has them')).toEqual(optionalVariables)
  })

  test('has the values that sessions of PostgreSQL are set to', () => {
    expect(setOf('PostgreSQL', '### Set for every session')).toEqual(following(sessionSettings))
    expect(setOf('PostgreSQL', '### Set where the server has them')).toEqual(optionalSettings)
    const administrators = tableRows(page, '## PostgreSQL').find(
      ([family]) => family === 'For administrators',
    )
    expect(quoted(administrators?.[1])).toEqual(Object.keys(guardedSettings).sort())
  })

  const mariadb = serverUrl('mariadb')
  test.skipIf(mariadb === undefined)('names every session variable of the running MariaDB', async () => {
    const rows = await onMariadb(mariadb ?? '', undefined, (connection) =>
      rowsOf(
        connection,
        "SELECT lower(VARIABLE_NAME) FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_SCOPE LIKE 'SESSION%'",
      ),
    )
    expectAllNamed('MariaDB', rows.flat().map(String))
  })

  const postgres = serverUrl('postgres')
  test.skipIf(postgres === undefined)('names every session setting of the running PostgreSQL', async () =>
    expectAllNamed('PostgreSQL', await postgresSettings(postgres ?? '')),
  )

  test.skipIf(postgres === undefined)(
    'names every session setting of an embedded PostgreSQL',
    async (context) => {
      const server = await startPrivatePostgres({ programs: 'embedded' })
      if (!server) return context.skip('there are no programs of an embedded PostgreSQL')
      try {
        expectAllNamed('PostgreSQL', await postgresSettings(server.url))
      } finally {
        await server.stop()
      }
    },
  )
})

/**
 * Names with a dot are of extensions, but for those of the language that triggers are written in.
 */
function postgresSettings(url: string): Promise<readonly string[]> {
  return onServer(url, undefined, async (client) => {
    await client.query("LOAD 'plpgsql'")
    const { rows } = await client.query<{ name: string }>(
      "SELECT name FROM pg_settings WHERE context IN ('user', 'superuser') AND (name NOT LIKE '%.%' OR name LIKE 'plpgsql.%')",
    )
    return rows.map(({ name }) => name)
  })
}
