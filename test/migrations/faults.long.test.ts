// Fault injection during migrations: every call of the driver under migrate, up and down, is made
// to fail once. The error is Purser's, the file has a whole version, nothing is left open, and
// migrating again ends where it should.

import { describe, expect, test } from 'vitest'
import { contentOf, sound, soundness } from '../support/database-content.ts'
import { failEachCall } from '../support/faults.ts'
import { makeAncestor } from '../support/legacy.ts'
import { latest, migrateFile, versions } from '../support/migrated.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { schemaFacts } from '../support/schema-facts.ts'
import { scratchFile } from '../support/scratch.ts'

const small = { operations: { tasks: 5, costs: 5, messages: 5 }, plans: 3 } as const
const timeout = 240_000

const ways: Readonly<Record<string, { through: readonly number[]; to: number }>> = {
  'adopting an ancestor': { through: [], to: latest },
  'going up from 2': { through: [2], to: latest },
  'going down': { through: [latest], to: 1 },
}

describe.each(Object.entries(ways))('%s', (_, { through, to }) => {
  test('with each call of the driver failing', { timeout }, async () => {
    const template = makeAncestor(scratchFile('template.db'), small)
    const original = contentOf(template)
    const facts = new Map<number, unknown>()
    for (const version of versions) {
      const path = makeAncestor(scratchFile(), small)
      await migrateFile(path, { to: version })
      facts.set(version, schemaFacts(path))
    }
    for (const version of through) await migrateFile(template, { to: version })
    const failed = await failEachCall({
      template,
      // Every call takes minutes; this step is prime to the patterns of the chain, and meets every
      // kind of call.
      every: Math.ceil(37 / propertyRuns(1)),
      action: (store) => store.migrate({ to, backup: false }),
      check: async ({ path, store, error, call }) => {
        const where = `${call.method} ${call.sql.slice(0, 60)}`
        if (error === undefined) expect((await store.migrationStatus()).current, where).toBe(to)
        const { current } = await store.migrationStatus()
        if (current > 0) expect(schemaFacts(path), where).toEqual(facts.get(current))
        expect(soundness(path), where).toEqual(sound)
        await store.migrate({ to, backup: false })
        expect(schemaFacts(path), where).toEqual(facts.get(to))
        await store.migrate({ to: 1, backup: false })
        expect(contentOf(path, Object.keys(original.tables)), where).toEqual(original)
      },
    })
    expect(failed).toBeGreaterThan(5)
  })
})
