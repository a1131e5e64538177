// A3: changes of the audit trail that the database itself refuses, whoever attempts them.

import assert from 'node:assert/strict'
import { auditEntryDefinition } from '../../index.ts'
import { type ConformanceCase, feature, openAt } from '../support/case.ts'
import { collect } from '../support/expect.ts'
import { fullEntry, ulid } from '../support/samples.ts'
import { TABLE } from './audit-damage.ts'

export const auditGuardCases: readonly ConformanceCase[] = [
  {
    id: 'A3',
    name: 'the database refuses to change, remove or replace an entry, and to take one that is not the next',
    needs: ['sql'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      for (let number = 1; number <= 3; number += 1) await store.audit.append(fullEntry({ id: ulid(number) }))
      const entries = (await collect(store.audit.each())).toReversed()
      const sql = feature(harness, 'sql')
      const columns = auditEntryDefinition.columns.map(({ name }) => name)
      const insert = (own: Readonly<Record<string, string>>) =>
        `INSERT INTO ${TABLE} (${columns.join(', ')}) SELECT ${columns.map((column) => own[column] ?? column).join(', ')} FROM ${TABLE} WHERE sequence = 1`
      const next = { id: `'${ulid(99)}'`, sequence: '4', previous_hash: `'${entries[2]?.hash}'` }
      const statements = [
        ...columns.map((column) => `UPDATE ${TABLE} SET ${column} = ${column}`),
        `UPDATE ${TABLE} SET actor = 'nobody' WHERE sequence = 3`,
        `UPDATE ${TABLE} SET reason = NULL WHERE sequence = 1`,
        `DELETE FROM ${TABLE}`,
        `DELETE FROM ${TABLE} WHERE sequence = 3`,
        insert({ ...next, sequence: '5' }),
        insert({ ...next, sequence: '3' }),
        insert({ ...next, sequence: '0' }),
        insert({ ...next, sequence: '-1' }),
        insert({ ...next, id: 'id' }),
        insert({ ...next, previous_hash: 'previous_hash' }),
        insert({ ...next, previous_hash: 'hash' }),
        insert({ ...next, verdict: "'maybe'" }),
        insert({ ...next, risk_level: "'none'" }),
        insert({ ...next, actor: 'NULL' }),
        insert({ ...next, hash: 'NULL' }),
      ]
      for (const statement of statements) {
        await assert.rejects(sql(place, statement), statement)
        assert.deepEqual((await collect(store.audit.each())).toReversed(), entries, statement)
      }
      // An entry that is next in every respect is accepted, and detected by verify: its hash
      // belongs to another.
      await sql(place, insert(next))
      assert.deepEqual([(await store.audit.verify()).firstBad, await store.audit.count()], [4, 4])
    },
  },
]
