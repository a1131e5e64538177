// P16: custom automation profiles beside the nine built-in ones: create, change under version
// control, list, delete.

import assert from 'node:assert/strict'
import {
  DuplicateRecordError,
  InvalidRecordError,
  RecordNotFoundError,
  VersionConflictError,
} from '../../errors.ts'
import {
  automationSteps,
  builtInProfiles,
  type NewAutomationProfile,
  parseAutomationProfile,
} from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { codesOf, rejection, tally } from '../support/expect.ts'
import { newPlan, newProfile } from '../support/samples.ts'

export const automationProfileCases: readonly ConformanceCase[] = [
  {
    id: 'P16',
    name: 'a profile comes back as it was given, and with the defaults for what was not',
    async run(harness) {
      const store = await openFresh(harness)
      const profiles = store.automationProfiles
      const made = await profiles.create(newProfile())
      assert.deepEqual(made.profile, newProfile())
      assert.deepEqual([made.name, made.builtIn, made.version], ['local/careful', false, 1])
      assert.equal(made.createdAt?.getTime(), made.updatedAt?.getTime())
      assert.deepEqual(await profiles.get('local/careful'), made)
      const thresholds = Object.fromEntries(automationSteps.map((step) => [step, 0])) as Record<
        (typeof automationSteps)[number],
        number
      >
      const least = await profiles.create({ name: 'local/least', ...thresholds })
      assert.deepEqual(least.profile, {
        name: 'local/least',
        description: '',
        ...thresholds,
        requireSandbox: true,
        requireCheckpoints: true,
        allowUnsafeTools: false,
        guards: { maxCostUsd: null, maxTokens: null, maxToolCalls: null, deniedTools: [] },
        schemaVersion: '1.0',
      })
      assert.deepEqual(await profiles.get('local/least'), least)
      assert.equal(await profiles.get('local/nobody'), null)
      const list = await profiles.list()
      assert.deepEqual(
        list.map((profile) => profile.name),
        [...builtInProfiles.keys(), 'local/careful', 'local/least'],
      )
      assert.deepEqual(list.slice(-2), [made, least])
      const manual = await profiles.get('manual')
      assert.deepEqual(manual, {
        name: 'manual',
        builtIn: true,
        profile: builtInProfiles.get('manual'),
        createdAt: null,
        updatedAt: null,
        version: null,
      })
      assert.deepEqual(list[0], manual)
    },
  },
  {
    id: 'P16e',
    name: 'a file in snake_case makes the same profile, and a plan freezes it',
    async run(harness) {
      const store = await openFresh(harness)
      const lines = automationSteps.map((step) => `${step}: 0.5`.replaceAll(/[A-Z]/g, '_$&').toLowerCase())
      const guards = 'guards: { max_cost_usd: "0.000000001", denied_tools: [shell] }'
      const text = ['name: local/careful', 'require_sandbox: false', ...lines, guards].join('\n')
      const { profile } = await store.automationProfiles.create(parseAutomationProfile(text))
      assert.deepEqual([profile?.decomposeTask, profile?.requireSandbox], [0.5, false])
      assert.deepEqual(profile?.guards, {
        ...{ maxCostUsd: 0.000000001, maxTokens: null, maxToolCalls: null, deniedTools: ['shell'] },
      })
      const plan = await store.plans.create(newPlan({ automationProfile: 'local/careful' }))
      assert.deepEqual((await store.plans.get(plan.planId))?.effectiveProfile, profile)
      assert.throws(() => parseAutomationProfile(`${text}\nrequireSandbox: true`), InvalidRecordError)
    },
  },
  {
    id: 'P16b',
    name: 'an update changes what it names at its version; of concurrent ones exactly one succeeds',
    async run(harness) {
      const store = await openFresh(harness)
      const profiles = store.automationProfiles
      const made = await profiles.create(newProfile())
      const patch = { editCode: 0.5, description: 'Changed', guards: { maxTokens: 5 }, createTool: undefined }
      const updated = await profiles.update(made.name, patch, { version: 1 })
      assert.deepEqual(updated.profile, {
        ...newProfile(),
        editCode: 0.5,
        description: 'Changed',
        guards: { maxCostUsd: null, maxTokens: 5, maxToolCalls: null, deniedTools: [] },
      })
      assert.deepEqual([updated.version, updated.createdAt], [2, made.createdAt])
      assert.deepEqual(await profiles.get(made.name), updated)
      const stale = () => profiles.update(made.name, { editCode: 0 }, { version: 1 })
      const error = await rejection(VersionConflictError, stale)
      assert.deepEqual([error.expected, error.actual], [1, 2])
      await rejection(RecordNotFoundError, () =>
        profiles.update('local/nobody', { editCode: 0 }, { version: 1 }),
      )
      const races = Array.from({ length: 20 }, (_, index) =>
        profiles.update(made.name, { editCode: index / 20 }, { version: 2 }),
      )
      assert.deepEqual(tally(codesOf(await Promise.allSettled(races))), { stored: 1, VERSION_CONFLICT: 19 })
      assert.equal((await profiles.get(made.name))?.version, 3)
      assert.equal(await profiles.delete(made.name), true)
      assert.equal(await profiles.delete(made.name), false)
      assert.equal(await profiles.get(made.name), null)
    },
  },
  {
    id: 'P16c',
    name: 'what is no profile is refused, also by an update, and nothing is stored or noted',
    async run(harness) {
      const store = await openFresh(harness)
      const profiles = store.automationProfiles
      const made = await profiles.create(newProfile())
      const head = await store.audit.head()
      const wrong: readonly object[] = [
        { editCode: 1.5 },
        { editCode: -0.1 },
        { editCode: Number.NaN },
        { editCode: '0.5' },
        { editCode: null },
        { edit_code: 0.5 },
        { colour: 'red' },
        { requireSandbox: 'yes' },
        { guards: { maxCostUsd: -1 } },
        { guards: { maxTokens: 1.5 } },
        { guards: { maxToolCalls: Number.POSITIVE_INFINITY } },
        { guards: { deniedTools: [''] } },
        { guards: { max_tokens: 5 } },
        { guards: [] },
        { schemaVersion: '2.0' },
        { schemaVersion: 1 },
        { description: 5 },
        { name: 'local/other' },
      ]
      for (const invalid of wrong) {
        const about = JSON.stringify(invalid)
        await rejection(InvalidRecordError, () => profiles.update(made.name, invalid, { version: 1 }), about)
        if ('name' in invalid) continue
        const input = { ...newProfile({ name: 'local/new' }), ...invalid } as NewAutomationProfile
        await rejection(InvalidRecordError, () => profiles.create(input), about)
      }
      const { editCode: _, ...incomplete } = newProfile({ name: 'local/new' })
      await rejection(InvalidRecordError, () => profiles.create(incomplete as NewAutomationProfile))
      for (const invalid of [null, [], 'text', undefined, 5]) {
        await rejection(InvalidRecordError, () => profiles.create(invalid as never), String(invalid))
        await rejection(InvalidRecordError, () =>
          profiles.update(made.name, invalid as never, { version: 1 }),
        )
      }
      for (const name of ['plain', '', 'a/b/c', 'a b/c', null, 5]) {
        await rejection(InvalidRecordError, () => profiles.create(newProfile({ name: name as string })))
      }
      for (const name of builtInProfiles.keys()) {
        await rejection(InvalidRecordError, () => profiles.create(newProfile({ name })))
        await rejection(InvalidRecordError, () => profiles.update(name, { editCode: 0 }, { version: 1 }))
        await rejection(InvalidRecordError, () => profiles.delete(name))
      }
      await rejection(DuplicateRecordError, () => profiles.create(newProfile({ editCode: 0 })))
      assert.deepEqual(await profiles.get(made.name), made)
      assert.equal((await profiles.list()).length, 10)
      assert.deepEqual(await store.audit.head(), head)
    },
  },
  {
    id: 'P16d',
    name: 'of concurrent creates of one name exactly one is stored, in one store and in two',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [await openAt(harness, place), await openAt(harness, place)]
      const creates = [...stores, ...stores].map((store, index) =>
        store.automationProfiles.create(newProfile({ editCode: index / 10 })),
      )
      assert.deepEqual(tally(codesOf(await Promise.allSettled(creates))), { stored: 1, DUPLICATE_RECORD: 3 })
      assert.equal((await stores[1]?.audit.verify())?.checked, 1)
    },
  },
]
