// Migrations are immutable: a database that has one refuses a build in which it renders to other
// statements on its engine. What each rendered to when it was released is recorded here, or with
// the engine for those that take over earlier programs' databases. A change that fails this test
// needs a migration of its own instead.

import { expect, test } from 'vitest'
import { adoptionMigrations, dialectOf } from '../../src/adoption/index.ts'
import { createMariadbEngine } from '../../src/engines/mariadb/index.ts'
import { createPostgresEngine } from '../../src/engines/postgres/index.ts'
import { parseServerUrl } from '../../src/engines/server/url.ts'
import { createSqliteEngine } from '../../src/engines/sqlite/index.ts'
import { chain } from '../../src/migrations/chain.ts'
import { checksumOf, checksumOfStatements } from '../../src/migrations/ledger.ts'
import { sqliteDefaults } from '../support/driver.ts'

const engines = {
  sqlite: createSqliteEngine({ ...sqliteDefaults, path: ':memory:' }),
  postgres: createPostgresEngine(
    parseServerUrl({ url: 'postgres://a@127.0.0.1/a' }, { scheme: 'postgres', port: 5432 }),
  ),
  mariadb: createMariadbEngine(
    parseServerUrl({ url: 'mariadb://a@127.0.0.1/a' }, { scheme: 'mariadb', port: 3306 }),
  ),
}

const recorded: Readonly<Record<keyof typeof engines, Readonly<Record<string, string>>>> = {
  sqlite: {
    'automation-profiles': '228a21be4b9b76c1635551b9141007fd7bc0453ee4ff831f4bad1698260c91f8',
    audit: 'ee600ff0baafc8cbb96f02e56be7ccc92e9808f1f60efeb49c923fc5028a89e1',
    retention: '0c03fa399c4640c051847e07381ffcc3a95ac153597ec5daeb20c95960c50677',
    search: '1507b784a33e57c8297dec2d6c8ed1de0b7f0c53f6acbadc535aa630abfb53c3',
  },
  postgres: {
    'automation-profiles': '0903362f6a8a1cb750bdd26a5d2ff880b49b0277d6349a8195d057f2a04cb0d5',
    audit: '6823a4573efddc0d1560a2993483d7f7df5ad2cf92d4107b76b3015f652afd15',
    retention: '83e0394ff030327803e224e92ff725e44929a4e7e8a135aa1b2a9f45e6994014',
    search: 'b939dbe3f5099a400d74365da4ec97f49bc88253066292f7e354b7f6c3d3bcc4',
  },
  mariadb: {
    'automation-profiles': '5448e20026e3e9685ed0d8be07e45c383530f46d40ede738c3113329e55aa871',
    audit: 'a5f2cd8cb83be590346223e1bb0285d0bbb3ef878b038fa7eb4541c395bfc350',
    retention: '0118153f5649db6148caf08de23dd9e29ad4928d7d8a209f288ea793f3fce6f5',
    search: 'f742a60918eed2027d4b23ba20720a3eb08e1ce976b301c41ba739c6cf53fa84',
  },
}

const names = Object.keys(engines) as (keyof typeof engines)[]

test.each(names)('every migration renders to the statements it had when it was released, on %s', (name) => {
  const rendered = chain.filter((one) => 'up' in one).map((one) => [one.name, checksumOf(engines[name], one)])
  expect(Object.fromEntries(rendered)).toEqual(recorded[name])
})

test.each(names)('so do those that take over databases of earlier programs, on %s', async (name) => {
  const engine = engines[name]
  const dialect = await dialectOf(engine)
  const rendered = adoptionMigrations.map((migration) => {
    const writer = dialect.writer(new Date(0))
    return [migration.version, checksumOfStatements([...migration.up(writer), ...migration.down(writer)])]
  })
  expect(engine.schema.adoption?.checksums).toEqual(Object.fromEntries(rendered))
  const heads = ({ version, name: title, breaking }: (typeof chain)[number]) => ({ version, title, breaking })
  expect(chain.slice(0, adoptionMigrations.length).map(heads)).toEqual(adoptionMigrations.map(heads))
})
