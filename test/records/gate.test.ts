// Gates: a threshold of 0 is always automatic, one of 1 never, what lies between asks for
// confidence; and every built-in profile is what the specification's table says.

import { describe, expect, test } from 'vitest'
import {
  type AutomationProfile,
  type AutomationStep,
  automationSteps,
  builtInProfiles,
  DEFAULT_AUTOMATION_PROFILE,
  gate,
  InvalidRecordError,
  stepMeanings,
} from '../../src/index.ts'

function planWith(thresholds: Partial<Record<AutomationStep, number>>) {
  return { effectiveProfile: { ...profileOf('manual'), ...thresholds } }
}

function profileOf(name: string): AutomationProfile {
  const profile = builtInProfiles.get(name)
  if (!profile) throw new Error(`there is no profile ${name}`)
  return profile
}

describe('a threshold', () => {
  test.each([
    [0, undefined, 'auto'],
    [0, 0, 'auto'],
    [0, 1, 'auto'],
    [1, undefined, 'human'],
    [1, 0, 'human'],
    [1, 1, 'human'],
    [0.7, undefined, 'human'],
    [0.7, 0, 'human'],
    [0.7, 0.699999, 'human'],
    [0.7, 0.7, 'auto'],
    [0.7, 1, 'auto'],
    [0.000001, 0, 'human'],
    [0.000001, 0.000001, 'auto'],
    [0.999999, 1, 'auto'],
  ] as const)('of %d with a confidence of %s is %s', (threshold, confidence, answer) => {
    for (const step of automationSteps) {
      expect(gate(planWith({ [step]: threshold }), step, confidence)).toBe(answer)
    }
  })

  test('of one step says nothing about another', () => {
    const plan = planWith({ editCode: 0 })
    expect(automationSteps.filter((step) => gate(plan, step, 1) === 'auto')).toEqual(['editCode'])
  })
})

test('a plan without a captured profile needs a human at every step', () => {
  for (const step of automationSteps) expect(gate({ effectiveProfile: null }, step, 1)).toBe('human')
})

test('an unknown step and a confidence that is none are refused, with or without a profile', () => {
  for (const plan of [planWith({}), { effectiveProfile: null }]) {
    for (const step of ['toString', 'edit_code', '', 'name', 'guards', undefined, 5]) {
      expect(() => gate(plan, step as AutomationStep)).toThrow(InvalidRecordError)
    }
    for (const confidence of [-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY, '0.5', null, true]) {
      expect(() => gate(plan, 'editCode', confidence as number)).toThrow(InvalidRecordError)
    }
  }
})

describe('the built-in profiles', () => {
  /** Thresholds in the order of the steps; then sandbox, checkpoints, unsafe tools. */
  const table: Readonly<Record<string, readonly [thresholds: string, flags: string]>> = {
    manual: ['1 1 1 1 1 1 1 1 1 1 1', 'T T F'],
    review: ['0 0 1 1 1 1 1 1 1 0 1', 'T T F'],
    supervised: ['0 1 1 0 1 1 1 1 1 0 1', 'T T F'],
    balanced: ['0 1 1 0 1 0 1 1 1 0 1', 'T T F'],
    cautious: ['0 0.7 1 0.7 0.7 0.7 0.9 0.9 0.8 0 1', 'T T F'],
    trusted: ['0 0 1 0 0 0 1 1 0 0 1', 'T T F'],
    auto: ['0 0 1 0 0 0 0 0 0 0 0', 'T T F'],
    ci: ['0 0 0 0 0 0 0 0 0 0 0', 'T T F'],
    'full-auto': ['0 0 0 0 0 0 0 0 0 0 0', 'F F T'],
  }

  test('are the nine of the table, in its order, and the default is among them', () => {
    expect([...builtInProfiles.keys()]).toEqual(Object.keys(table))
    expect(DEFAULT_AUTOMATION_PROFILE).toBe('balanced')
  })

  test.each(Object.entries(table))('%s', (name, [thresholds, flags]) => {
    const profile = profileOf(name)
    expect(automationSteps.map((step) => profile[step]).join(' ')).toBe(thresholds)
    const { requireSandbox, requireCheckpoints, allowUnsafeTools } = profile
    const shown = [requireSandbox, requireCheckpoints, allowUnsafeTools].map((flag) => (flag ? 'T' : 'F'))
    expect(shown.join(' ')).toBe(flags)
    expect(profile).toMatchObject({
      name,
      schemaVersion: '1.0',
      guards: { maxCostUsd: null, maxTokens: null, maxToolCalls: null, deniedTools: [] },
    })
    expect(profile.description.length).toBeGreaterThan(5)
  })

  test('cannot be changed, not even inside', () => {
    for (const profile of builtInProfiles.values()) {
      expect(Object.isFrozen(profile) && Object.isFrozen(profile.guards)).toBe(true)
      expect(Object.isFrozen(profile.guards.deniedTools)).toBe(true)
    }
  })

  test('every step has a meaning of its own', () => {
    expect(Object.keys(stepMeanings)).toEqual([...automationSteps])
    expect(new Set(Object.values(stepMeanings)).size).toBe(automationSteps.length)
  })
})
