// G3 with real processes: a child that migrates is killed with SIGKILL, at statements spread over
// the whole chain and at random moments of a larger migration. Opening the file again ends in a
// complete version with every row there.

import { copyFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { startChild } from '../support/child-process.ts'
import { contentOf, type DatabaseContent, sound, soundness } from '../support/database-content.ts'
import { makeAncestor } from '../support/legacy.ts'
import { latest, migrateFile } from '../support/migrated.ts'
import { scratchFile } from '../support/scratch.ts'

const operationsTables = ['tasks', 'cost_records', 'messages']
const counts = (content: DatabaseContent) =>
  Object.fromEntries(Object.entries(content.tables).map(([name, table]) => [name, table.rows.length]))

describe.each([
  {
    direction: 'up',
    from: 0,
    to: 0,
    steps: [
      1, 2, 5, 12, 18, 24, 30, 37, 43, 50, 62, 70, 78, 86, 94, 102, 110, 118, 126, 134, 142, 152, 160, 168,
      176,
    ],
  },
  { direction: 'down', from: latest, to: 1, steps: [1, 5, 12, 19, 26, 34, 48, 60, 71] },
])('killed on the way $direction', ({ from, to, steps }) => {
  test.each(steps)('before statement %i', async (step) => {
    const path = makeAncestor(scratchFile(), {
      operations: true,
      plans: true,
      damage: ['brokenJson', 'strangeMoney', 'planNames', 'planProfiles', 'planTimes'],
    })
    const original = contentOf(path)
    if (from > 0) await migrateFile(path)
    const child = startChild('migrate', [path, to, step])
    const { signal, errors } = await child.ended
    expect({ signal, errors }).toEqual({ signal: 'SIGKILL', errors: '' })
    expect(child.lines.filter((line) => line.startsWith('step'))).toHaveLength(step - 1)

    expect((await migrateFile(path)).to).toBe(latest)
    expect(soundness(path)).toEqual(sound)
    const { tasks, cost_records, messages, actions, v3_plans: plans } = counts(original)
    expect(counts(contentOf(path))).toMatchObject({ tasks, cost_records, messages, actions, plans })
    await migrateFile(path, { to: 1 })
    expect(contentOf(path).tables).toEqual(original.tables)
  })
})

describe('killed at a random moment', () => {
  const size = { tasks: 800, costs: 4000, messages: 4000 }

  test('of a larger migration', { timeout: 240_000 }, async () => {
    const template = makeAncestor(scratchFile('template.db'), { operations: size })
    const original = contentOf(template, operationsTables)
    const undisturbed = startChild('migrate', [copyOf(template), 0, 0])
    await undisturbed.ended
    const steps = undisturbed.lines.filter((line) => line.startsWith('step')).length
    let killed = 0
    for (let round = 0; round < 5; round += 1) {
      const path = copyOf(template)
      const child = startChild('migrate', [path, 0, 0])
      // While this process takes note of a step, that one is at work on it, or on one of the next.
      const moment = `step ${1 + Math.floor((steps - 1) * Math.random())}`
      await child.line(moment)
      child.kill()
      const { signal } = await child.ended
      if (signal === 'SIGKILL') killed += 1
      await migrateFile(path)
      expect(soundness(path), `killed after ${moment}`).toEqual(sound)
      await migrateFile(path, { to: 1 })
      expect(contentOf(path, operationsTables).tables, `killed after ${moment}`).toEqual(original.tables)
    }
    expect(killed).toBeGreaterThan(0)
  })
})

function copyOf(template: string): string {
  const path = scratchFile()
  copyFileSync(template, path)
  return path
}
