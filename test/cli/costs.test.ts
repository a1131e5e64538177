// `purser costs …`: record, list, report.

import { describe, expect, test } from 'vitest'
import { costs as area } from '../../src/cli/commands/costs/area.ts'
import { costGroupings, costRecordDefinition } from '../../src/index.ts'
import { replacing, workspace } from '../support/cli/purser.ts'
import { makeOperations } from '../support/legacy.ts'

interface Total {
  readonly cost: string
  readonly currency: string
  readonly records: number
}
interface ReportData {
  readonly groups: readonly (Total & Readonly<Record<string, unknown>>)[]
  readonly total: Total | null
  readonly totals: readonly Total[]
}

const call = (agent: string, cost: string, ...more: string[]) => [
  ...['costs', 'record', '--agent', agent, '--provider', 'northwind', '--model', 'large-2'],
  ...['--input-tokens', '1200', '--output-tokens', '80', '--cost', cost, ...more],
]

describe('costs record', () => {
  test('records a call with every field, exactly', async () => {
    const { done } = workspace()
    const { stdout } = await done([
      ...call(
        'otto',
        '0.001309',
        '--currency',
        'EUR',
        '--task',
        't-1',
        '--project',
        'tide-api',
        '--category',
        'system',
      ),
      ...[
        '--cache-read-tokens',
        '5',
        '--cache-write-tokens',
        '6',
        '--timestamp',
        '2026-01-31T09:30:00+02:00',
      ],
      ...['--latency-ms', '900', '--no-success', '--finish-reason', 'length', '--idempotency-key', 'k-1'],
      ...['--metadata', '{"try": 2}', '--json'],
    ])
    expect(JSON.parse(stdout).data).toMatchObject({
      agentId: 'otto',
      cost: '0.001309',
      currency: 'EUR',
      taskId: 't-1',
      project: 'tide-api',
      callCategory: 'system',
      inputTokens: 1200,
      outputTokens: 80,
      cacheReadTokens: 5,
      cacheWriteTokens: 6,
      timestamp: '2026-01-31T07:30:00.000Z',
      latencyMs: 900,
      success: false,
      finishReason: 'length',
      metadata: { try: 2 },
    })
  })

  test('writes nothing for a key that is there', async () => {
    const { done } = workspace()
    const first = await done(call('otto', '0.5', '--idempotency-key', 'k'))
    const again = await done(call('otto', '0.5', '--idempotency-key', 'k'))
    expect(first.stdout).toMatch(/^Recorded 0\.5 USD of otto as \w{26}\n$/)
    expect(again.stdout).toBe(first.stdout.replace('Recorded', 'Found'))
    expect(again.stderr).toBe('A call with this key was recorded before; nothing was written.\n')
    expect((await done([...call('otto', '0.5', '--idempotency-key', 'k'), '--quiet'])).stderr).toBe('')
    const { data } = (await done(['costs', 'report', '--json'])).json<ReportData>()
    expect(data.total).toMatchObject({ cost: '0.5', records: 1 })
  })

  test.each([
    ['1.0000000001', '--cost must have at most 9 digits after the point'],
    ['-1', '--cost must not be negative'],
    ['NaN', '--cost must be a decimal number, for example "0.001309"'],
  ])('refuses a cost of %s', async (cost, text) => {
    const { purser } = workspace()
    expect(await purser(call('otto', cost))).toMatchObject({ code: 2, stderr: `purser: ${text}\n` })
  })

  test('has a flag for every field', () => {
    expect(missingFlags('record', (spec) => spec.given !== 'managed')).toEqual([])
  })
})

describe('costs list', () => {
  test('shows the newest first, filters, and pages', async () => {
    const { done } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const page = await done(['costs', 'list', '--agent', 'june', '--limit', '2'])
    expect(page.stdout).toMatch(
      /^TIME +AGENT +MODEL +TASK +COST USD +IN +OUT +ID\n3 h ago +june +small-2 +demo-task-4 +0\.0018375 +5,200 +430 +\w{26}\n/,
    )
    const next = /2 of 3 model calls; the next page:\n {2}purser (.*)\n$/.exec(page.stdout)?.[1] ?? ''
    expect((await done(next.split(' '))).stdout).toMatch(/\n1 d ago +june .*\n\n1 of 3 model calls\n$/)
    const flags = [
      '--task',
      'demo-task-4',
      '--model',
      'large-2',
      '--provider',
      'northwind',
      '--category',
      'productive',
    ]
    const { data } = (await done(['costs', 'list', ...flags, '--since', '1d', '--json'])).json<{
      items: unknown[]
    }>()
    expect(data).toMatchObject({
      items: [{ agentId: 'june', cost: '0.0693' }],
      summary: { shown: 1, total: 1 },
    })
    expect((await done(['costs', 'list', '--until', '2020-01-01'])).stdout).toBe(
      'No model call matches; leave out a filter to see more.\n',
    )
    const verbose = await done(['costs', 'list', '--limit', '1', '--verbose'])
    expect(verbose.stdout).toMatch(/\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC /)
  })

  test('has a filter for every field that can be filtered by', () => {
    for (const name of ['list', 'report']) expect(missingFlags(name, (spec) => spec.filterable)).toEqual([])
    const nullable = costRecordDefinition.columns.filter(({ spec }) => spec.filterable && spec.nullable)
    expect(commandOf('list').flags?.without?.choices).toHaveLength(nullable.length)
  })
})

describe('costs report', () => {
  test('adds up exactly, by agent unless told otherwise', async () => {
    const { done } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const plain = (await done(['costs', 'report'])).stdout
    expect(plain).toMatch(/^Costs by agent\n\nAGENT +COST USD +SHARE +CALLS +TOKENS IN +OUT\n/)
    expect(plain).toContain('otto   0.5898790  65.1 %  ████████████████████     10     96,000  25,710')
    expect(plain).toContain('\nTotal 0.906119 USD in 26 model calls (223,520 tokens in, 42,740 out)\n')
    const { data } = (await done(['costs', 'report', '--by', 'agent,model', '--json'])).json<ReportData>()
    expect(data.total).toMatchObject({ cost: '0.906119', currency: 'USD', records: 26 })
    expect(data.groups[0]).toMatchObject({ agent: 'otto', model: 'large-2', inputTokens: 63_800, records: 7 })
    const top = await done(['costs', 'report', '--by', 'task', '--top', '1'])
    expect(top.stdout).toMatch(/demo-task-3 .*\n… and \d more\n\nTotal 0\.906119 USD/)
    const filtered = await done(['costs', 'report', '--since', '2020-01-01', '--agent', 'pax'])
    expect(filtered.stdout).toMatch(/^Costs by agent: pax, since 2020-01-01 00:00:00 UTC\n/)
  })

  test('groups by everything there is', async () => {
    const { done } = workspace()
    await done(call('otto', '1', '--timestamp', '2026-01-31T09:30:00Z'))
    const by = costGroupings.join()
    const { data } = (await done(['costs', 'report', '--by', by, '--json'])).json<ReportData>()
    expect(data.groups).toMatchObject([{ cost: '1', currency: 'USD', records: 1, hour: '2026-01-31T09' }])
    expect(Object.keys(data.groups[0] ?? {})).toEqual(expect.arrayContaining([...costGroupings]))
    const hours = await done(['costs', 'report', '--by', 'hour,project'])
    expect(hours.stdout).toMatch(/\n2026-01-31T09 +\(none\) +1\.00 +100\.0 %/)
  })

  test('by days of a time zone, beside the time before, and as CSV; what has no known cost is said', async () => {
    const { done, purser } = workspace()
    await done(call('otto', '1', '--timestamp', '2026-01-31T22:30:00Z'))
    await done(call('otto', '2', '--timestamp', '2026-01-31T23:30:00Z', '--metadata', '{"team": "=red"}'))
    const { stdout: unknown } = await done([
      ...call('mira', '').slice(0, -2),
      ...['--timestamp', '2026-02-01T12:00:00Z', '--session', 's-1'],
    ])
    expect(unknown).toMatch(/^Recorded a call without a known cost of mira as /)
    const days = await done(['costs', 'report', '--by', 'day', '--time-zone', 'Europe/Berlin', '--csv'])
    expect(days.stdout.trimEnd().split('\r\n').slice(1)).toEqual([
      '2026-01-31,USD,1,0,1,1200,80,0,0',
      '2026-02-01,USD,2,1,2,2400,160,0,0',
    ])
    const teams = await done(['costs', 'report', '--by', 'metadata.team', '--csv'])
    expect(teams.stdout).toContain("\n'=red,USD,2,0,1,")
    const plain = (await done(['costs', 'report'])).stdout
    expect(plain).toMatch(/^AGENT .* UNPRICED /m)
    expect(plain).toMatch(/^Total 3 USD in 3 model calls, 1 without a known cost /m)
    const range = ['--since', '2026-01-31T23:00:00Z', '--until', '2026-02-28T23:00:00Z']
    const compare = [...range, '--time-zone', 'Europe/Berlin', '--compare', 'previous']
    const { stdout } = await done(['costs', 'report', ...compare])
    expect(stdout).toMatch(/^otto +2\.00 +1\.00 +\+100\.0 % /m)
    expect(stdout).toMatch(/^Total 2 USD .*; before: 1 USD in 1 model call$/m)
    expect((await purser(['costs', 'report', '--by', 'day', '--time-zone', 'Mars/Phobos'])).stderr).toContain(
      'must be a time zone of the IANA database',
    )
    expect((await purser(['costs', 'report', '--csv', '--json'])).code).toBe(2)
    expect((await purser(['costs', 'report', '--compare', 'previous'])).stderr).toContain(
      '--compare needs --since',
    )
    expect((await done(['costs', 'list', '--cost-status', 'unpriced'])).stdout).toMatch(/unpriced/)
  })

  test('never adds two currencies', async () => {
    const { done, purser } = workspace()
    await done(call('otto', '1.5'))
    await done(call('otto', '2', '--currency', 'EUR'))
    await done(call('mira', '0.25', '--currency', 'EUR'))
    const refused = await purser(['costs', 'report'])
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toBe(
      'purser: the costs are in EUR and USD, which cannot be added; choose one with --currency, or group with --by currency,…\n',
    )
    expect((await purser(['costs', 'report', '--json'])).json()).toMatchObject({
      data: null,
      messages: [{ code: 'MIXED_CURRENCY' }],
    })
    const grouped = (await done(['costs', 'report', '--by', 'agent,currency'])).stdout
    expect(grouped).toMatch(/otto +2\.00 EUR +88\.9 %/)
    expect(grouped).toMatch(/otto +1\.50 USD +100\.0 %/)
    expect(grouped).toMatch(/Total 2\.25 EUR in 2 model calls .*\nTotal 1\.5 USD in 1 model call /)
    const { data } = (await done(['costs', 'report', '--by', 'currency', '--json'])).json<ReportData>()
    expect(data.total).toBeNull()
    expect(data.totals).toMatchObject([
      { currency: 'EUR', cost: '2.25' },
      { currency: 'USD', cost: '1.5' },
    ])
    expect((await done(['costs', 'report', '--currency', 'EUR'])).stdout).toContain(
      'Total 2.25 EUR in 2 model calls',
    )
  })

  test('says what to do when there is nothing', async () => {
    const { done } = workspace()
    await done(['migrate'])
    expect((await done(['costs', 'report'])).stdout).toBe(
      'No model calls are recorded yet. To record one: purser costs record --help\n',
    )
    expect((await done(['costs', 'report', '--plan', 'P', '--tree'])).stdout).toBe(
      'No model call matches (P, with the plans below); leave out a filter to see more.\n',
    )
    expect((await done(['costs', 'report', '--json'])).json<ReportData>().data).toMatchObject({
      groups: [],
      total: { cost: '0', currency: 'USD', records: 0 },
    })
  })

  test('does not upgrade a database by the way', async () => {
    const { purser, done, path } = workspace()
    makeOperations(path('purser.db'), { costs: 5, tasks: 1, messages: 1 })
    const { code, stderr } = await purser(['costs', 'report'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^purser: the database is at version 0, this build needs \d+; run purser migrate/)
    await done(['migrate'])
    expect((await done(['costs', 'report'])).stdout).toMatch(/^Total \S+ USD in 5 model calls /m)
  })
})

function commandOf(name: string) {
  const command = area.commands.find((candidate) => candidate.name === name)
  if (!command) throw new Error(`no costs ${name}`)
  return command
}

/** Fields of the definition for which a command has no flag. */
function missingFlags(
  name: string,
  wanted: (spec: (typeof costRecordDefinition.columns)[number]['spec']) => boolean,
): readonly string[] {
  const fields = new Set(Object.values(commandOf(name).flags ?? {}).map(({ field }) => field))
  return costRecordDefinition.columns
    .filter(({ field, spec }) => wanted(spec) && !fields.has(field))
    .map(({ field }) => field)
}

test('counts beyond what a number holds are shown exactly, and keep no report from being shown', async () => {
  const { done } = workspace()
  const most = String(Number.MAX_SAFE_INTEGER)
  const made = await done([
    'plans',
    'create',
    '--name',
    'local/one',
    '--action',
    'x',
    '--description',
    'x',
    '--json',
  ])
  const { planId } = JSON.parse(made.stdout).data
  for (const cost of ['1', '2'])
    await done(replacing(call('otto', cost, '--plan', planId), '--input-tokens', most))
  for (const words of [
    ['costs', 'report'],
    ['plans', 'cost', planId],
    ['plans', 'cost', planId, '--tree'],
  ]) {
    const { stdout } = await done(words)
    expect(stdout).toContain('18,014,398,509,481,982')
    expect(JSON.parse((await done([...words, '--json'])).stdout).data.total).toMatchObject({
      cost: '3',
      inputTokens: '18014398509481982',
      outputTokens: 160,
      records: 2,
    })
  }
  for (const words of [['plans', 'tree', planId], ['plans', 'show', planId], ['status']])
    expect((await done(words)).stdout).not.toBe('')
})
