// Migrations are immutable: what each renders to on SQLite is written down here. A database that has one refuses a build in which
// it differs, so a change that fails this test needs a migration of its own instead.

import { expect, test } from 'vitest'
import { createSqliteEngine } from '../../src/engines/sqlite/index.ts'
import { checksumOf } from '../../src/migrations/ledger.ts'
import { chain } from '../../src/migrations/versions/index.ts'

const recorded = {
  baseline: 'd75d95a2f3f3e4b4feaf5cc80452c07605a45893f57679ce19682a77aeb78540',
  findings: '06e81d219ecd2bfe409ccaef0b2c9a181f46a2b9d2d31c2a74339ed284104c88',
  tasks: '9f5033a4f9f4f1ef4a63790ddc85ad6b980b6962f71c174f39b5cfd621d7c6a6',
  'cost-records': '52a027735027706883369d3570606e446e2f63b3fd53250d173b576d3c28ddf6',
  messages: 'a603ece7e6fd8d91476bcd63954e544f7dd349b6dcdb942d4bc2a415bd7fd4b1',
  plans: '6d8ae6ac54a9d59c308c1906eb70963b45fce10447ec6101ff93d31450a717ad',
  'automation-profiles': '228a21be4b9b76c1635551b9141007fd7bc0453ee4ff831f4bad1698260c91f8',
  audit: 'ee600ff0baafc8cbb96f02e56be7ccc92e9808f1f60efeb49c923fc5028a89e1',
  retention: '0c03fa399c4640c051847e07381ffcc3a95ac153597ec5daeb20c95960c50677',
  search: '1507b784a33e57c8297dec2d6c8ed1de0b7f0c53f6acbadc535aa630abfb53c3',
}

test('every migration renders to the statements it had when it was released', () => {
  const settings = { journal: 'wal', synchronous: 'full', busyTimeout: 0, journalSizeLimit: 0 } as const
  const engine = createSqliteEngine({ path: ':memory:', ...settings })
  const rendered = chain.map((migration) => [migration.name, checksumOf(engine, migration)])
  expect(Object.fromEntries(rendered)).toEqual(recorded)
})
