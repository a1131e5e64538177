// What reads like a guarantee and is none says so where its field is documented.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const page = readFileSync(new URL('../../docs/records.md', import.meta.url), 'utf8')

test.each(['budgetLimit', 'deadline', 'invariants'])('U25: %s is documented as recorded only', (field) => {
  const rows = page.split('\n').filter((line) => line.startsWith(`| \`${field}\``))
  expect(rows.length).toBeGreaterThan(0)
  for (const row of rows) expect(row).toMatch(/recorded only/i)
})

test('U25: what guards and gates do, and do not, is documented', () => {
  expect(page).toMatch(
    /The guards act on plans on which the profile is frozen: `plans\.mayUse` asks `deniedTools`/,
  )
  expect(page).toMatch(/the moves themselves do not ask it/)
})
