// `purser migrate` and `purser status`: on nothing, on databases of the ancestors, up, down,
// planned, refused.

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { latestVersion } from '../../src/migrations/schema-state.ts'
import { workspace } from '../support/cli/purser.ts'
import { makeAncestor, makeOperations, smallOperations } from '../support/legacy.ts'
import { planId } from '../support/legacy-rows.ts'
import { hashOf } from '../support/scratch.ts'

/** The databases of the real ancestors stand beside the repository, and are no part of it. */
const legacyFolder = fileURLToPath(new URL('../../../shared/fixtures/legacy/', import.meta.url))

interface MigrateData {
  readonly from: number
  readonly to: number
  readonly applied: readonly {
    readonly version: number
    readonly name: string
    readonly durationMs: number
  }[]
  readonly findings: { readonly total: number; readonly byProblem: Readonly<Record<string, number>> }
  readonly adopted: boolean
  readonly rows: Readonly<Record<string, number>>
  readonly backup: string | null
}

const rows = {
  tasks: smallOperations.tasks,
  cost_records: smallOperations.costs,
  messages: smallOperations.messages,
}

describe('migrate', () => {
  test('makes a database where there is none, and has nothing to do the second time', async () => {
    const { purser, path } = workspace()
    const first = await purser(['migrate'])
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/^Made a database at version \d+: .*purser\.db/)
    expect(first.stdout).toMatch(/✔ \d{4}-schema/)
    expect(first.stdout).toContain('purser tasks create --help')
    expect(existsSync(path('purser.db'))).toBe(true)
    const second = await purser(['migrate', '--json'])
    expect(second.json<MigrateData>()).toMatchObject({
      command: 'migrate',
      status: 'ok',
      exitCode: 0,
      data: { applied: [], adopted: false, findings: { total: 0, byProblem: {} }, backup: null },
    })
    expect((await purser(['migrate'])).stdout).toContain('Nothing to do:')
  })

  test('takes over a database of an ancestor, and says what it found and where the copy is', async () => {
    const { purser, path, folder } = workspace()
    makeOperations(path('old.db'), { tasks: 1200, costs: 60, messages: 84 })
    const { code, stdout, stderr } = await purser(['migrate', '--url', 'sqlite:old.db'])
    expect(code).toBe(0)
    // On a slow machine it says how far it is.
    expect(stderr).toMatch(/^(?: *[\d.]+ % .*\n)*$/)
    expect(stdout).toMatch(/^Adopted an ancestor's database, now at version \d+: /)
    expect(stdout).toMatch(/^ {2}tasks +1,200$/m)
    expect(stdout).toMatch(/^ {2}cost records +60$/m)
    const [backup] = readdirSync(folder).filter((name) => name.includes('.bak'))
    expect(stdout).toContain(`The database as it was: ${path(backup ?? 'no backup')}`)
    expect(stdout).toContain('purser costs report --url sqlite:old.db')
  })

  test('gives the same as JSON', async () => {
    const { purser, path } = workspace()
    makeAncestor(path('old.db'), { operations: true, plans: true })
    const document = (
      await purser(['migrate', '--url', 'sqlite:old.db', '--no-backup', '--json'])
    ).json<MigrateData>()
    expect(document).toMatchObject({ status: 'ok', data: { from: 0, adopted: true, backup: null } })
    expect(document.data.rows).toMatchObject(rows)
    expect(document.data.applied.map(({ version }) => version)).toEqual(
      Array.from({ length: document.data.to }, (_, index) => index + 1),
    )
  })

  test('counts what could not be carried over as it was', async () => {
    const { purser, path } = workspace()
    makeAncestor(path('old.db'), {
      operations: true,
      afterwards: ["UPDATE tasks SET reviewers = '[' WHERE rowid <= 3"],
    })
    copyFileSync(path('old.db'), path('other.db'))
    const plain = await purser(['migrate', '--url', 'sqlite:old.db'])
    expect(plain.stdout).toMatch(/\d+ findings: values that could not be carried over/)
    expect(plain.stdout).toMatch(/json-unreadable {2}3$/m)
    expect(plain.stdout).toContain('  purser doctor --findings --url sqlite:old.db')
    const { data } = (await purser(['migrate', '--url', 'sqlite:other.db', '--json'])).json<MigrateData>()
    expect(data.findings.byProblem['json-unreadable']).toBe(3)
    expect(data.findings.total).toBeGreaterThanOrEqual(3)
  })

  test('goes down only when it is told to, and up again', async () => {
    const { purser, path } = workspace()
    makeOperations(path('purser.db'))
    await purser(['migrate', '--no-backup'])
    const before = hashOf(path('purser.db'))
    const asked = await purser(['migrate', '--to', '1'])
    expect(asked).toMatchObject({ code: 2, stdout: '' })
    expect(asked.stderr).toMatch(/^purser: Going down from version \d+ to 1 .*; nothing was done: .*--yes\n$/)
    const json = await purser(['migrate', '--to', '1', '--json'])
    expect(json.json()).toMatchObject({ status: 'error', exitCode: 2, data: null })
    expect(hashOf(path('purser.db'))).toBe(before)

    const down = await purser(['migrate', '--to', '1', '--yes', '--no-backup'])
    expect(down.code).toBe(0)
    expect(down.stdout).toMatch(/^Went down from version \d+ to 1: /)
    expect(down.stdout).toContain('↩ 0003-tasks')
    const up = await purser(['migrate', '--no-backup'])
    expect(up.stdout).toMatch(/^Upgraded from version 1 to \d+: /)
  })

  test('refuses to lose anything on the way down without being told', async () => {
    const { purser, done } = workspace()
    await done(['demo', '--url', 'sqlite:purser.db', '--quiet'])
    const refused = await purser(['migrate', '--to', '1', '--yes'])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/would lose .* Repeat with --allow-data-loss/)
    const down = await purser(['migrate', '--to', '1', '--yes', '--allow-data-loss', '--no-backup'])
    expect(down.code).toBe(0)
  })

  test('refuses a version that there is not, and a file of somebody else', async () => {
    const { purser, path, folder } = workspace()
    expect(await purser(['migrate', '--to', '99'])).toMatchObject({ code: 2, stdout: '' })
    expect(await purser(['migrate', '--to', '0'])).toMatchObject({ code: 2, stdout: '' })
    expect(readdirSync(folder)).toEqual([])
    makeAncestor(path('foreign.db'), { afterwards: ['CREATE TABLE recipes (name TEXT)'] })
    const before = hashOf(path('foreign.db'))
    const foreign = await purser(['migrate', '--url', 'sqlite:foreign.db'])
    expect(foreign.code).toBe(1)
    expect(foreign.stderr).toMatch(/^purser: .*tables that are not Purser's \(recipes\)/)
    expect(hashOf(path('foreign.db'))).toBe(before)
  })

  test('names what is unexpected in an ancestor', async () => {
    const { purser, path } = workspace()
    makeAncestor(path('odd.db'), { operations: true, afterwards: ['ALTER TABLE tasks DROP COLUMN deadline'] })
    const { code, stderr } = await purser(['migrate', '--url', 'sqlite:odd.db'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^purser: .*the column tasks\.deadline is missing.*\n$/)
  })
})

describe('migrate, plans of an ancestor', () => {
  const cycle = [
    `UPDATE v3_plans SET parent_plan_id = '${planId(3)}' WHERE plan_id = '${planId(1)}'`,
    `UPDATE v3_plans SET parent_plan_id = '${planId(1)}' WHERE plan_id = '${planId(3)}'`,
  ]
  const orphan = [
    'PRAGMA foreign_keys = off',
    `UPDATE v3_plans SET parent_plan_id = 'gone' WHERE plan_id = '${planId(2)}'`,
  ]

  test('in a cycle are refused by name, and nothing is touched; --on-cycle break adopts them', async () => {
    const { purser, path, folder } = workspace()
    makeAncestor(path('plans.db'), { plans: true, afterwards: cycle })
    const before = hashOf(path('plans.db'))
    for (const more of [[], ['--on-cycle', 'abort'], ['--plan'], ['--to', '3']]) {
      const refused = await purser(['migrate', '--url', 'sqlite:plans.db', ...more])
      if (more[0] === '--to') expect(refused.code).toBe(0)
      else {
        expect([refused.code, refused.stdout]).toEqual([1, ''])
        expect(refused.stderr).toMatch(
          new RegExp(
            `^purser: 2 plans in 1 cycle of parents: ${planId(1)}, ${planId(3)}; nothing was changed`,
          ),
        )
        expect(refused.stderr).toContain('--on-cycle=break')
        expect(hashOf(path('plans.db'))).toBe(before)
        expect(readdirSync(folder)).toEqual(['plans.db'])
      }
    }
    const planned = await purser(['migrate', '--url', 'sqlite:plans.db', '--on-cycle=break', '--plan'])
    expect(planned.stdout).toMatch(
      /^-- 0006-plans \(up\): note the cycles to break\nINSERT INTO purser_findings/m,
    )
    const adopted = await purser(['migrate', '--url', 'sqlite:plans.db', '--on-cycle=break', '--json'])
    expect(adopted.json<MigrateData>().data).toMatchObject({
      to: latestVersion,
      findings: { total: 1, byProblem: { 'plan-cycle': 1 } },
    })
  })

  test('without their parent become roots, or are refused', async () => {
    const { purser, path } = workspace()
    makeAncestor(path('plans.db'), { plans: true, afterwards: orphan })
    const before = hashOf(path('plans.db'))
    const refused = await purser(['migrate', '--url', 'sqlite:plans.db', '--on-orphan', 'abort'])
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toMatch(
      new RegExp(
        `the parent of 1 plan is missing: ${planId(2)}; nothing was changed. Repeat with --on-orphan=root`,
      ),
    )
    expect(hashOf(path('plans.db'))).toBe(before)
    const adopted = await purser(['migrate', '--url', 'sqlite:plans.db', '--no-backup'])
    expect(adopted.stdout).toMatch(/^ {2}plans +20$/m)
    expect(adopted.stdout).toMatch(/1 finding: .*\n {2}plan-orphan {2}1$/m)
    const listed = await purser(['doctor', '--findings', '--url', 'sqlite:plans.db', '--json'])
    expect(listed.stdout).toContain('"plan-orphan"')
  })

  test('a wrong word for a choice is a usage error that lists the right ones', async () => {
    const { purser } = workspace()
    const { code, stderr } = await purser(['migrate', '--on-cycle', 'ignore'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/--on-cycle.*must be one of abort, break/)
  })
})

describe.skipIf(!existsSync(legacyFolder))('migrate, the real ancestors', () => {
  test.each([
    ['operations-v1.db', [], { tasks: 959, cost_records: 1294, messages: 1282 }, {}],
    ['plans-m4_003.db', [], { plans: 1019, actions: 16 }, {}],
    ['plans-orphans.db', [], { plans: 4, actions: 1 }, { 'plan-orphan': 1 }],
    ['plans-cycle.db', ['--on-cycle=break'], { plans: 7, actions: 1 }, { 'plan-cycle': 2 }],
    [
      'plans-corrupt.db',
      [],
      { plans: 12, actions: 1 },
      { 'json-unreadable': 2, 'json-wrong-shape': 1, 'profile-unreadable': 7, 'time-unreadable': 1 },
    ],
  ])('%s %j', async (name, more, counted, byProblem) => {
    const { purser, path } = workspace()
    copyFileSync(`${legacyFolder}${name}`, path('copy.db'))
    chmodSync(path('copy.db'), 0o600)
    const before = hashOf(path('copy.db'))
    if (name === 'plans-cycle.db') {
      const refused = await purser(['migrate', '--url', 'sqlite:copy.db'])
      expect(refused.code).toBe(1)
      for (const id of ['09DMAPE27ZVD7TV32', '033TKGKARQJRVQ85W', '0QFQBV1WY3QZPJ62M', '0HQGB7H3Z24P5JX2Z'])
        expect(refused.stderr).toContain(id)
      expect(hashOf(path('copy.db'))).toBe(before)
    }
    const { code, json } = await purser(['migrate', '--url', 'sqlite:copy.db', '--json', ...more])
    expect(code).toBe(0)
    const { data } = json<MigrateData>()
    expect(data.rows).toEqual(counted)
    expect(data.findings.byProblem).toEqual(byProblem)
    const down = await purser(['migrate', '--url', 'sqlite:copy.db', '--to', '1', '--yes', '--no-backup'])
    // Progress is shown where it takes longer than a second.
    expect([down.code, down.stderr.replaceAll(/^ *[\d.]+ %.*\n/gm, '')]).toEqual([0, ''])
  })
})

describe('migrate --plan', () => {
  test('prints the statements as a script, and makes no file', async () => {
    const { done, folder } = workspace()
    const { stdout, stderr } = await done(['migrate', '--plan'])
    expect(stderr).toBe('')
    expect(readdirSync(folder)).toEqual([])
    const parts = stdout.trimEnd().split('\n\n')
    for (const part of parts) {
      expect(part).toMatch(/^-- \d{4}-[a-z-]+ \(up\): .+\n/)
      expect(part).toMatch(/;$/)
      expect(part.split('\n').slice(1).join('\n')).not.toMatch(/^--/)
    }
    expect(stdout).toMatch(/^-- \d{4}-schema \(up\): create tasks\nCREATE TABLE/m)
  })

  test('plans for the database as it is, and changes nothing', async () => {
    const { done, path, folder } = workspace()
    makeOperations(path('old.db'))
    const before = hashOf(path('old.db'))
    const { stdout } = await done(['migrate', '--plan', '--url', 'sqlite:old.db'])
    expect(stdout).not.toContain('CREATE TABLE "cost_records" (\n  "rowid"')
    expect(hashOf(path('old.db'))).toBe(before)
    expect(readdirSync(folder)).toEqual(['old.db'])
    await done(['migrate', '--url', 'sqlite:old.db', '--no-backup'])
    expect((await done(['migrate', '--plan', '--url', 'sqlite:old.db'])).stdout).toBe('-- nothing to do\n')
    const down = await done(['migrate', '--plan', '--to', '4', '--url', 'sqlite:old.db', '--json'])
    expect(down.json()).toMatchObject({
      data: {
        migrations: expect.arrayContaining([expect.objectContaining({ direction: 'down', version: 5 })]),
      },
    })
  })
})

describe('databases that cannot be opened end with exit code 1 and one line', () => {
  test.each([
    ['a path with ..', 'sqlite:../x.db', /must not have a "\.\." component/],
    ['a folder', 'sqlite:./folder', /is a folder; name a file in it/],
    ['a file that is no database', 'sqlite:notes.txt', /is not a SQLite database; it was left as it is/],
    ['a database that was cut off', 'sqlite:cut.db', /is cut off/],
    ['an engine that there is not', 'oracle://me:hush@host/db', /there is no engine for oracle: URLs/],
    ['no URL at all', 'purser.db', /has no scheme; write sqlite:PATH/],
    ['a setting that there is not', 'sqlite:x.db?colour=blue', /unknown setting "colour"/],
  ])('%s', async (_name, url, text) => {
    const { purser, path, folder } = workspace()
    mkdirSync(path('folder'))
    writeFileSync(path('notes.txt'), 'nothing but words, and more than a hundred bytes of them. '.repeat(3))
    makeOperations(path('cut.db'))
    const whole = hashOf(path('cut.db'))
    writeFileSync(path('cut.db'), readFileSync(path('cut.db')).subarray(0, 5000))
    expect(hashOf(path('cut.db'))).not.toBe(whole)
    const before = readdirSync(folder)
    const commands = [['status'], ['migrate'], ['tasks', 'list']]
    const results = await Promise.all(commands.map((command) => purser([...command, '--url', url])))
    for (const [index, { code, stdout, stderr }] of results.entries()) {
      expect([code, stdout], commands[index]?.join(' ')).toEqual([1, ''])
      expect(stderr).toMatch(/^purser: .*\n$/)
      expect(stderr).toMatch(text)
      expect(stderr).not.toContain('hush')
    }
    expect(readdirSync(folder)).toEqual(before)
  })
})
