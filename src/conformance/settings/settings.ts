// I1–I4: settings: one value per name, compare-and-set, audited without contents, and undone with
// their transaction.

import assert from 'node:assert/strict'
import {
  DuplicateRecordError,
  InvalidRecordError,
  RecordNotFoundError,
  VersionConflictError,
} from '../../errors.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { codesOf, collect, rejection, tally } from '../support/expect.ts'

export const settingCases: readonly ConformanceCase[] = [
  {
    id: 'I1',
    name: 'a setting is read as it was set, whatever JSON it is; lists are by name and filter by namespace',
    async run(harness) {
      const { settings } = await openFresh(harness)
      const values = [null, false, 0, -1.5, '', 'é\n"', [], [1, [null]], {}, { a: { b: ['c'] } }]
      for (const [index, value] of values.entries()) {
        const setting = await settings.set(`local/value-${index}`, value)
        assert.deepEqual(setting.value, value)
        assert.deepEqual(await settings.get(`local/value-${index}`), setting)
        assert.deepEqual([setting.namespace, setting.key, setting.version], ['local', `value-${index}`, 1])
      }
      const deep = await settings.set('other/a/b', 1)
      assert.deepEqual([deep.namespace, deep.key], ['other', 'a/b'])
      assert.deepEqual((await settings.list({ namespace: 'other' })).items, [deep])
      assert.equal(await settings.count({ namespace: 'local' }), values.length)
      const names = (await collect(settings.each())).map(({ name }) => name)
      assert.deepEqual(names, names.toSorted())
      assert.equal(names.length, values.length + 1)
      assert.equal(await settings.get('local/none'), null)
    },
  },
  {
    id: 'I2',
    name: 'a version makes a set a compare-and-set, of eight callers one wins; without one the last caller wins',
    async run(harness) {
      const { settings } = await openFresh(harness)
      const firsts = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) => settings.set('local/theme', index, { version: null })),
      )
      assert.deepEqual(tally(codesOf(firsts)), { stored: 1, DUPLICATE_RECORD: 7 })
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) => settings.set('local/theme', index, { version: 1 })),
      )
      assert.deepEqual(tally(codesOf(results)), { stored: 1, VERSION_CONFLICT: 7 })
      await Promise.all(Array.from({ length: 8 }, (_, index) => settings.set('local/theme', index)))
      const setting = await settings.get('local/theme')
      assert.equal(setting?.version, 10)
      const conflict = await rejection(VersionConflictError, () =>
        settings.set('local/theme', 1, { version: 3 }),
      )
      assert.deepEqual([conflict.expected, conflict.actual], [3, 10])
      await rejection(RecordNotFoundError, () => settings.set('local/none', 1, { version: 1 }))
      await rejection(DuplicateRecordError, () => settings.set('local/theme', 1, { version: null }))
      await rejection(VersionConflictError, () => settings.delete('local/theme', { version: 9 }))
      assert.deepEqual(await settings.get('local/theme'), setting)
      assert.deepEqual(
        [await settings.delete('local/theme', { version: 10 }), await settings.delete('local/theme')],
        [true, false],
      )
    },
  },
  {
    id: 'I3',
    name: 'names and values that cannot be settings are refused, those of Purser itself by what it reads',
    async run(harness) {
      const { settings } = await openFresh(harness)
      const names = [
        '',
        ' ',
        'theme',
        '/theme',
        'local/',
        'Local/theme',
        'local/a b',
        `local/${'x'.repeat(255)}`,
      ]
      for (const name of names) await rejection(InvalidRecordError, () => settings.set(name, 1), name)
      for (const value of [undefined, Number.NaN, () => 1, 10n])
        await rejection(InvalidRecordError, () => settings.set('local/theme', value as never))
      await rejection(InvalidRecordError, () => settings.set('local/theme', 1, { version: 0 }))
      await rejection(InvalidRecordError, () => settings.set('purser/enforce', 'perhaps'))
      const unknown = await rejection(InvalidRecordError, () => settings.set('purser/enforced', 'refuse'))
      assert.match(unknown.message, /purser\/enforce/)
      assert.equal(await settings.count(), 0)
    },
  },
  {
    id: 'I4',
    name: 'each change of a setting has an audit entry with the version and no value, and goes with its transaction',
    async run(harness) {
      const store = await openFresh(harness)
      const failure = new Error('undone')
      await assert.rejects(
        store.transaction(async (tx) => {
          await tx.settings.set('local/theme', 'SECRET')
          await tx.settings.set('local/theme', 'SECRET 2', { version: 1 })
          throw failure
        }),
        failure,
      )
      assert.equal(await store.settings.count(), 0)
      await store.as('ada').settings.set('local/theme', 'SECRET')
      await store.as('zoe').settings.set('local/theme', 'SECRET 2', { version: 1 })
      await store.as('ada').settings.delete('local/theme')
      const entries = await collect(store.audit.each({ subjectType: 'setting' }, { order: 'asc' }))
      assert.deepEqual(
        entries.map(({ action, actor, subjectId, details }) => [action, actor, subjectId, details]),
        [
          ['setting:create', 'ada', 'local/theme', { version: 1 }],
          ['setting:update', 'zoe', 'local/theme', { fields: ['value'], version: 2 }],
          ['setting:delete', 'ada', 'local/theme', null],
        ],
      )
      assert.ok(!JSON.stringify(entries).includes('SECRET'))
    },
  },
]
