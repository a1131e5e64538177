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
    changes: '947f53d25c881941d3de52129d685f28f2a7e63784c81c3fe0b1ca8e23d641c8',
    budgets: '5de01aaa6be89e46ae5acd16d4eddba1c6515c64f6127c0274f16d913302918f',
    approvals: '888a01649c90eddd7ea0f2af43f529c72f331d20d6c57eff83928bd35901d0b7',
    'cost-record': '1765d527154773ebfc0e06c98d66905821939c3a19fbe5b08c1978de5093044a',
    claims: 'ac0eeb398b56fba1a87f03c21ed3ba0781690de9df14a6c47c7ed604323f4658',
    decisions: '6e12f668f8988c1921aad340ce0f5baae216fb8dda9b891de67ac24578d6cb94',
    settings: '8b74e25f238720b2408a977ccd875c6c2488d890aa54c4c6c1a032c124c5a16e',
    projects: '500e4e2dca7ef0bfe908270aff79593e7e15cc236bf432f7e4761f080e538d91',
    tokens: '326bcaad02ac9ac23f088d261cabc4f1fabaa925bb5dce328758d0e8fe90b582',
    'plan-checkpoints': '6c1e84e079ebc0d4740aa6b0c14f99404cb6597e4ba0ae065f5fc60af9c75e93',
    'plan-steps': 'cee00bedf4698ef4fd6a92df19eb74064d1cff11eb41202295ba4ada462fcd84',
  },
  postgres: {
    'automation-profiles': '0903362f6a8a1cb750bdd26a5d2ff880b49b0277d6349a8195d057f2a04cb0d5',
    audit: '6823a4573efddc0d1560a2993483d7f7df5ad2cf92d4107b76b3015f652afd15',
    retention: '83e0394ff030327803e224e92ff725e44929a4e7e8a135aa1b2a9f45e6994014',
    search: 'b939dbe3f5099a400d74365da4ec97f49bc88253066292f7e354b7f6c3d3bcc4',
    changes: '345152836517528975c7755051b4bdbe2a73d46c7cb10a64efadfe954a3b0ba0',
    budgets: 'f946ebc6053def02160f7128173a077681a3f7af0bba8f2ebdf33613b8e480eb',
    approvals: '9b8383a68a3c6143c9d7b6e7f2d374d752a2c887355d4820f8461f025f4057d5',
    'cost-record': 'af762887ffbd22440002bb98eacbe64d1eb265d507b525d7abafd6eb106cf705',
    claims: 'fcb7c97c7428305a1a64051730e7d0c9c04fbb5df006f2fc96205ec91b480ca9',
    decisions: 'b50a73bbecfae8223029deab855234d80f236c96237b746949115764178975e8',
    settings: '20aa678bde2603b5f1dd21f81c89dfef15270b7b78a9792ef3eab54b3b48c057',
    projects: '33c5014faf9cefe4963aa7a89e503e51c8137f02a2ec9ff887a4469823aff06e',
    tokens: '4205c249ac2fb06f712406406d93bd2856d127dfc027b38ca64589b8eceaed83',
    'plan-checkpoints': 'f6d2a51943ed2b62fbe486470d3f589e8e6862a2e03bcbc0f9e4530fc820179b',
    'plan-steps': '9b4b5a49fa31a8f85956be483369a753c1e4ccd5a270dfcc19003ae96a89ba2e',
  },
  mariadb: {
    'automation-profiles': '5448e20026e3e9685ed0d8be07e45c383530f46d40ede738c3113329e55aa871',
    audit: 'a5f2cd8cb83be590346223e1bb0285d0bbb3ef878b038fa7eb4541c395bfc350',
    retention: '0118153f5649db6148caf08de23dd9e29ad4928d7d8a209f288ea793f3fce6f5',
    search: 'f742a60918eed2027d4b23ba20720a3eb08e1ce976b301c41ba739c6cf53fa84',
    changes: '251fb917a91fbd629a8a93aa9e1d5c9d4173008c44b9a0c13dfde447b6c804a5',
    budgets: '5ec206918c9d843acaa55495321569a286f24a06c2059fe9f4642f2c5f90e51f',
    approvals: '92bf61d4761a925dd0980f861a0692f087857f15c97c4f4d46b95fbd14e93b9a',
    'cost-record': 'cb9a4bbfc7b17ee7d53f3c4a0877c05393f92fad6902d0d601568d7c339d4cd0',
    claims: '22f58928cf1861a047eaac4a3f9dfd25ecb74bfdf0e6b5d7d1dbb0a24eb76ff0',
    decisions: 'fb68231fad36a7914498e0415728163217e8ae2e673ddc020ee6cc6a7e7b3b4e',
    settings: '3eee72a549237028e0bf61ef3d8c17ee0175ef96ea8c2d1a30d2ac6367972d54',
    projects: '390597d39e5b5ae2e87fe32b30a16099a49baac6a982dbc240f4d8ff022bc6c8',
    tokens: 'd749246f0d1028177f941a219887506fc6eea72ef2b5778f07c4094ff7d67ced',
    'plan-checkpoints': '63393990b005e422a7a14e245c2138a369543486f376d44dbeec7aed91d817cb',
    'plan-steps': '30b67145cdf6ce967d570517786b53c2fa260cc621f6bbfd6fe0d02b4757724a',
  },
}

/**
 * What a migration renders to since a statement of it was mended that could only fail: the ledger
 * keeps the checksum of the release, since a database that has the migration is the same.
 */
const mended: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Bytes that end like an empty list made SQLite refuse a statement, and the adoption with it.
  sqlite: { 6: '9f692811606919eeb05372be5472cb731a909c768b771ac13f96c70fe983a3d9' },
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
  const released = { ...engine.schema.adoption?.checksums, ...mended[name] }
  expect(released).toEqual(Object.fromEntries(rendered))
  const heads = ({ version, name: title, breaking }: (typeof chain)[number]) => ({ version, title, breaking })
  expect(chain.slice(0, adoptionMigrations.length).map(heads)).toEqual(adoptionMigrations.map(heads))
})
