// `purser audit …`: the log and its filters, entries of one's own, and the proof that nobody
// changed the trail.

import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { audit as area } from '../../src/cli/commands/audit/area.ts'
import { auditEntryDefinition } from '../../src/index.ts'
import { replacing, workspace } from '../support/cli/purser.ts'

interface Entry {
  readonly id: string
  readonly sequence: number
  readonly actor: string
  readonly action: string
}
interface LogData {
  readonly items: readonly Entry[]
  readonly summary: { readonly shown: number; readonly total: number }
}

const append = ['audit', 'append', '--action', 'tool:call', '--subject-type', 'tool']

describe('audit append and log', () => {
  test('take every field, and tell it on a line', async () => {
    const { done } = workspace()
    const hash = 'a'.repeat(64)
    const words = [
      ...append,
      ...['--subject-id', 'shell', '--verdict', 'deny', '--risk', 'high', '--reason', '-'],
      ...[
        '--rule',
        'no-shell',
        '--rule',
        'night',
        '--plan',
        'p-1',
        '--task',
        't-1',
        '--arguments-hash',
        hash,
      ],
      ...['--details', '[1,{"a":null}]', '--actor', 'gatekeeper', '--json'],
    ]
    const { data } = (await done(words, { input: 'not in the list\n' })).json<Entry>()
    expect(data).toMatchObject({
      sequence: 1,
      actor: 'gatekeeper',
      action: 'tool:call',
      subjectType: 'tool',
      subjectId: 'shell',
      verdict: 'deny',
      riskLevel: 'high',
      reason: 'not in the list',
      matchedRules: ['no-shell', 'night'],
      planId: 'p-1',
      taskId: 't-1',
      argumentsHash: hash,
      details: [1, { a: null }],
      previousHash: '0'.repeat(64),
    })
    expect((await done(append)).stdout).toMatch(
      /^Appended audit entry #2: system, tool:call on tool, record\n {2}[0-9A-Z]{26}\n$/,
    )
    expect((await done(['audit', 'log'])).stdout).toMatch(
      new RegExp(
        `^ ?# +TIME +ACTOR +ACTION +SUBJECT +VERDICT +RISK +NOTE +ID\n2 +just now +system +tool:call +tool +record +low +[0-9A-Z]{26}\n1 +just now +gatekeeper +tool:call +tool shell +deny +high +not in the list +${data.id}\n\n2 audit entries\n$`,
      ),
    )
  })

  test('have a flag for every field', () => {
    const flagsOf = (name: string) =>
      Object.values(area.commands.find((verb) => verb.name === name)?.flags ?? {})
    const given = new Set(flagsOf('append').map(({ field }) => field))
    const notGiven = auditEntryDefinition.columns.filter(
      ({ field, spec }) => spec.given !== 'managed' && !given.has(field),
    )
    expect(notGiven.map(({ field }) => field)).toEqual(['actor']) // --actor
    const filters = new Set(flagsOf('log').map(({ field }) => field))
    const notFiltered = auditEntryDefinition.columns.filter(
      ({ field, spec }) => spec.filterable && !filters.has(field),
    )
    expect(notFiltered.map(({ field }) => field)).toEqual(['subjectType', 'subjectId']) // --subject
  })

  test('filter by everything that is asked, newest first', async () => {
    const { done, purser } = workspace()
    await done(['migrate', '--quiet'])
    expect((await done(['audit', 'log'])).stdout).toMatch(
      /^There are no audit entries yet: every plan and task that is made or moved writes one. To append one: purser audit append --help\n$/,
    )
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const log = async (...flags: string[]) => {
      const result = await done(['audit', 'log', '--json', '--limit', '200', ...flags])
      return result.json<LogData>().data
    }
    const whole = await log()
    expect(whole.items.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 107 }, (_, index) => 107 - index),
    )
    const plan = '01K0TDE0000000000000000004'
    expect(
      (await log('--plan', plan, '--action', 'plan:*', '--actor', 'otto')).items.map(({ action }) => action),
    ).toEqual([
      'plan:start',
      'plan:fail',
      'plan:start',
      'plan:advance',
      'plan:complete',
      'plan:start',
      'plan:use',
    ])
    expect((await log('--verdict', 'deny,escalate')).summary.total).toBe(3)
    expect((await log('--risk', 'high')).summary.total).toBe(1)
    expect((await log('--subject', 'tool')).summary.total).toBe(2)
    expect((await log('--subject', 'tool:shell')).summary.total).toBe(1)
    expect(
      (await log('--task', 'demo-task-8')).items.map(({ actor, action }) => `${actor} ${action}`),
    ).toEqual(['mira task:transition', 'mira task:create'])
    expect((await log('--since', '1h')).summary.total).toBe(107)
    expect((await log('--until', '1h')).summary.total).toBe(0)
    expect((await done(['audit', 'log', '--actor', 'nobody'])).stdout).toBe(
      'No audit entry matches; leave out a filter to see more.\n',
    )
    const page = (await done(['audit', 'log', '--limit', '2'], { env: { COLUMNS: '90' } })).stdout
    expect(page).toMatch(/^ {2}# {2}TIME/)
    expect(page).toContain('2 of 107 audit entries; the next page:\n')
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['--subject', ':x'], /^purser: --subject must be a type, or type:id/],
      [['--subject', 'tool:'], /^purser: --subject must be a type, or type:id/],
      [['--action', 'PLAN:*'], /^purser: --action must be an action, or the beginning of one followed by \*/],
      [['--verdict', 'maybe'], /^purser: --verdict must be one of allow, deny, escalate, record; is "maybe"/],
    ]
    for (const [words, said] of wrong) {
      const { code, stderr } = await purser(['audit', 'log', ...words])
      expect([code, stderr]).toEqual([2, expect.stringMatching(said)])
    }
  })

  test('refuse an entry that is none', async () => {
    const { purser } = workspace()
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['audit', 'append'], /^purser: --action is required; --subject-type is required\n$/],
      [replacing(append, '--action', 'call'), /^purser: --action must be area:verb in small letters/],
      [[...append, '--arguments-hash', 'abc'], /^purser: --arguments-hash must/],
      [[...append, '--details', 'why'], /^purser: --details is not valid JSON .*; a text needs quotes\n$/],
      [[...append, '--details', `${'['.repeat(70)}${']'.repeat(70)}`], /^purser: --details must/],
      [[...append, '--actor', ''], /^purser: --actor must not be blank\n$/],
      [[...append, '--id', 'a-1'], /^purser: --id must be a ULID/],
    ]
    for (const [words, said] of cases) {
      const { code, stderr } = await purser(words)
      expect([code, stderr], words.join(' ')).toEqual([2, expect.stringMatching(said)])
    }
  })
})

describe('audit head and verify', () => {
  test('prove that nobody changed the trail', async () => {
    const { done, purser } = workspace()
    await done(['migrate', '--quiet'])
    const empty = await done(['audit', 'head'])
    expect([empty.stdout, empty.stderr]).toEqual(['', expect.stringContaining('no audit entries yet')])
    expect((await done(['audit', 'verify'])).stdout).toBe('There are no audit entries to check.\n')
    for (const id of ['a', 'b', 'c']) await done([...append, '--subject-id', id, '--quiet'])
    const head = await done(['audit', 'head'])
    const kept = head.stdout.trim()
    expect(kept).toMatch(/^3:[0-9a-f]{64}$/)
    expect(head.stderr).toMatch(/^Keep it where nobody who can write the database can write/)
    const [, hash = ''] = kept.split(':')
    expect((await done(['audit', 'head', '--json'])).json().data).toEqual({
      head: { sequence: 3, hash },
      expectedHead: kept,
      cut: null,
    })
    await done([...append, '--quiet'])
    for (const expected of [kept, hash]) {
      expect((await done(['audit', 'verify', '--expected-head', expected])).stdout).toMatch(
        /^✔ 4 audit entries checked: each is as it was written, and follows from the one before it\.\n {2}Head {2}4:[0-9a-f]{64}\n$/,
      )
    }
    const part = await done(['audit', 'verify', '--from', '2', '--to', '3', '--json'])
    expect(part.json().data).toEqual({
      ok: true,
      checked: 2,
      firstBad: null,
      problem: null,
      head: { sequence: 3, hash },
      cut: null,
    })
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [['--from', '3', '--to', '2'], '--to must be at least 3, where --from begins'],
      [['--from', '0'], '--from must be a whole number of at least 1; is "0"'],
      [
        ['--expected-head', '3:abc'],
        '--expected-head must be what purser audit head prints: NUMBER:HASH, or the hash alone, of 64 hexadecimal digits',
      ],
    ]
    for (const [words, said] of wrong) {
      expect(await purser(['audit', 'verify', ...words])).toMatchObject({
        code: 2,
        stderr: `purser: ${said}\n`,
      })
    }
  })

  const damages: readonly (readonly [name: string, sql: string, problem: string, firstBad: number])[] = [
    ['a changed entry', "UPDATE audit_entries SET verdict = 'allow' WHERE sequence = 2", 'changed', 2],
    ['a removed entry', 'DELETE FROM audit_entries WHERE sequence = 2', 'missing', 2],
    ['a tail that was cut off', 'DELETE FROM audit_entries WHERE sequence = 3', 'cut', 3],
  ]
  test.each(damages)('find %s, with exit code 3 and what to do', async (_name, sql, problem, firstBad) => {
    const { done, purser, path } = workspace()
    for (const id of ['a', 'b', 'c']) await done([...append, '--subject-id', id, '--quiet'])
    const kept = (await done(['audit', 'head', '--quiet'])).stdout.trim()
    const handle = new Database(path('purser.db'))
    const triggers = handle.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit_entries'",
    )
    for (const name of triggers.pluck().all()) handle.exec(`DROP TRIGGER "${name}"`)
    handle.exec(sql)
    handle.close()
    const [told, json, quiet] = await Promise.all([
      purser(['audit', 'verify', '--expected-head', kept]),
      purser(['audit', 'verify', '--expected-head', kept, '--json']),
      purser(['audit', 'verify', '--expected-head', kept, '--quiet']),
    ])
    expect([told.code, told.stderr]).toEqual([3, ''])
    expect(told.stdout).toMatch(new RegExp(`^✗ Audit entry ${firstBad} .*\n`))
    expect(told.stdout).toContain('Keep the database as it is, as evidence.')
    expect(told.stdout).toMatch(/\n {2}purser audit log --limit 10\n$/)
    expect(json.json()).toMatchObject({
      status: 'warn',
      exitCode: 3,
      data: { ok: false, firstBad, problem },
      messages: [
        {
          level: 'warn',
          code: 'AUDIT_TRAIL_BROKEN',
          text: expect.stringContaining(`audit entry ${firstBad} `),
        },
      ],
    })
    expect([quiet.code, quiet.stdout]).toEqual([3, `${firstBad}\n`])
  })
})
