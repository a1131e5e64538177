// What the profile column of an ancestor's plans means, text by text, and that a text which means
// nothing is kept whole.

import { describe, expect, test } from 'vitest'
import { adopted, set } from '../support/adopted-plan.ts'
import { planId } from '../support/legacy-rows.ts'

describe('a profile', () => {
  const readable: readonly (readonly [string | null, string, string])[] = [
    [null, 'balanced', 'global'],
    ['', 'balanced', 'global'],
    [' \t\n\u00a0', 'balanced', 'global'],
    ['balanced', 'balanced', 'global'],
    ['  nightly-only ', 'nightly-only', 'global'],
    ['"made-up/careful"', 'made-up/careful', 'global'],
    ['"quoted \\"twice\\""', 'quoted "twice"', 'global'],
    ['{"profile_name": "bold", "provenance": "plan"}', 'bold', 'plan'],
    ['{"provenance":"action","profile_name":"b\\u00f6ld","extra":{"deep":[1]}}', 'böld', 'action'],
    ['{"profile_name": "bold", "provenance": "project"}', 'bold', 'project'],
    ['{"profile_name": "balanced", "provenance": "global"}', 'balanced', 'global'],
    ['x'.repeat(255), 'x'.repeat(255), 'global'],
    ['NaN', 'NaN', 'global'],
    ['航海 ⚓', '航海 ⚓', 'global'],
  ]
  test.each(readable)('%j is %s from %s', async (text, name, provenance) => {
    const { plan, findings } = await adopted([set('automation_profile', text)])
    expect([plan.automation_profile_name, plan.automation_profile_provenance]).toEqual([name, provenance])
    expect(plan.effective_profile_snapshot).toBe('{}')
    expect(findings).toEqual([])
  })

  const unreadable: readonly string[] = [
    'null',
    '42',
    'true',
    '[]',
    '""',
    '" "',
    '{}',
    '{"profile_name": "bold"',
    '{"profile_name": "bold"}',
    '{"provenance": "plan"}',
    '{"profile_name": "", "provenance": "plan"}',
    '{"profile_name": 3, "provenance": "plan"}',
    '{"profile_name": "bold", "provenance": "nowhere"}',
    '{"profile_name": "bold", "provenance": null}',
    '"bold',
    '[bold',
    ' {bold',
    'two\nlines',
    'bell\u0007',
    'x'.repeat(256),
    '['.repeat(20_000),
    '['.repeat(20_000) + ']'.repeat(20_000),
    `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  ]
  test.each(unreadable.map((text) => [text.slice(0, 60), text] as const))(
    '%j cannot be read, and is kept whole',
    async (_, text) => {
      const { plan, findings } = await adopted([set('automation_profile', text)])
      expect([plan.automation_profile_name, plan.automation_profile_provenance]).toEqual([
        'balanced',
        'global',
      ])
      expect(findings).toEqual([
        {
          row_id: planId(1),
          column_name: 'automation_profile_name',
          problem: 'profile-unreadable',
          original_value: text,
        },
      ])
    },
  )
})
