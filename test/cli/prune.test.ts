// `purser prune`: what would go, the question, what went, and the refusals.

import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { inThePast } from '../../src/conformance/store/clock.ts'
import { DAY, daysAgo, oldCosts } from '../../src/conformance/support/retention-samples.ts'
import { newEntry, newMessage } from '../../src/conformance/support/samples.ts'
import { openStore } from '../../src/index.ts'
import { withoutProgress, workspace } from '../support/cli/purser.ts'

interface Kind {
  readonly kind: string
  readonly rows: number
  readonly cutoff: string
  readonly bytes: number
  readonly left: number
}
interface PruneData {
  readonly kinds: readonly Kind[]
  readonly dryRun: boolean
}

/** A folder whose `purser.db` has old rows of every kind. */
async function oldDatabase() {
  const space = workspace()
  await using store = await openStore(`sqlite:${space.path('purser.db')}`)
  await inThePast(800 * DAY, async () => {
    for (let number = 0; number < 5; number += 1) await store.audit.append(newEntry())
  })
  await store.audit.append(newEntry())
  await store.costRecords.appendMany(oldCosts(60))
  await store.messages.appendMany(
    Array.from({ length: 20 }, (_, index) =>
      newMessage({ id: `m${index}`, content: 'confidential', timestamp: daysAgo(index * 10) }),
    ),
  )
  return space
}

const asked = ['prune', '--messages', '90d', '--costs', '30d', '--audit', '2y']

describe('--dry-run', () => {
  test('shows what would go and how to remove it, and changes nothing', async () => {
    const { done } = await oldDatabase()
    const { stdout } = await done([...asked, '--dry-run'])
    expect(stdout).toMatch(/^KIND +OLDER THAN +ROWS +ABOUT +OLDEST +NEWEST\nmessages +.* 11 +.* kB/)
    expect(stdout).toMatch(/\naudit +.* 5 /)
    expect(stdout).toContain(
      'Nothing was changed. To remove it:\n  purser prune --messages 90d --costs 30d --audit 2y\n',
    )
    expect(stdout).not.toContain('confidential')
    const { data } = (await done([...asked, '--dry-run', '--json'])).json<PruneData>()
    expect(data.dryRun).toBe(true)
    expect(data.kinds.map(({ kind }) => kind)).toEqual(['messages', 'costs', 'audit'])
    for (const { rows, left, bytes, cutoff } of data.kinds) {
      expect(left).toBe(rows)
      expect(bytes).toBeGreaterThan(0)
      expect(cutoff).toMatch(/^\d{4}-.*Z$/)
    }
  })

  test('of what is not there says so', async () => {
    const { done } = await oldDatabase()
    expect((await done(['prune', '--messages', '5y', '--dry-run'])).stdout).toContain('Nothing is that old.')
    expect((await done(['prune', '--messages', '5y'])).stdout).toMatch(
      /^Nothing to remove: there are no messages before \d{4}-\d\d-\d\d .* UTC\.\n$/,
    )
  })
})

describe('without a terminal', () => {
  test('nothing is removed unless --yes is there', async () => {
    const { purser } = await oldDatabase()
    const { code, stderr, stdout } = await purser(asked)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/11 messages before .* and \d+ cost records before .* and 5 audit entries before/)
    expect(stderr).toContain(
      'to keep the audit entries elsewhere first: purser export --types audit_cut,audit_entry --out FILE',
    )
    expect(stderr).toContain('nothing was done: there is no terminal to ask on, so repeat with --yes')
    const { data } = (await purser([...asked, '--dry-run', '--json'])).json<PruneData>()
    expect(data.kinds[0]?.rows).toBe(11)
  })

  test('with --yes it goes, oldest first and bounded, and totals stay', async () => {
    const { done } = await oldDatabase()
    const report = ['costs', 'report', '--by', 'currency,agent,day', '--json']
    const before = (await done(report)).json().data
    const first = await done(['prune', '--messages', '90d', '--max-rows', '4', '--yes', '--json'])
    const { data, messages } = first.json<PruneData>()
    expect(data).toMatchObject({ dryRun: false, kinds: [{ kind: 'messages', rows: 4, left: 7 }] })
    expect(messages).toMatchObject([{ level: 'info', code: 'MORE_LEFT' }])
    const { stdout, stderr } = await done([...asked, '--yes', '--actor', 'keeper'])
    expect(stdout).toMatch(/^KIND +OLDER THAN +REMOVED +ABOUT +LEFT\nmessages +.* 7 .* 0\n/)
    expect(stdout).toContain('Totals of costs are what they were.')
    expect(stdout).toContain('The audit trail begins after entry 5 now; purser audit verify proves the rest.')
    expect(withoutProgress(stderr)).toBe('')
    expect((await done(report)).json().data).toEqual(before)
    const verified = await done(['audit', 'verify'])
    expect(verified.stdout).toMatch(/Cut +entries up to 5 were removed on purpose/)
    expect((await done(['audit', 'verify', '--json'])).json<object>().data).toMatchObject({
      ok: true,
      cut: { sequence: 5 },
    })
    const log = await done(['audit', 'log', '--actor', 'keeper'])
    expect(log.stdout).toMatch(/retention:prune/)
    expect(log.stderr).toMatch(/^Entries up to 5 were removed on purpose on .* by keeper\.\n$/)
    expect((await done(['audit', 'head', '--json'])).json<object>().data).toMatchObject({
      cut: { sequence: 5 },
    })
    expect((await done([...asked, '--yes', '--quiet'])).stdout).toBe('0\n')
    expect((await done(['doctor'])).code).toBe(0)
  })
})

describe('the configuration', () => {
  test('gives the ages; flags are instead of them', async () => {
    const { done, purser, path } = await oldDatabase()
    const none = await purser(['prune', '--yes'])
    expect([none.code, none.stderr]).toEqual([
      2,
      'purser: nothing says what to remove: give an age for messages, costs, audit, or configure `retention`\n',
    ])
    const file = path('retention.yaml')
    writeFileSync(file, 'retention:\n  messages: 150d\n  audit: null\n')
    const { data } = (await done(['prune', '--dry-run', '--json', '--config', file])).json<PruneData>()
    expect(data.kinds).toMatchObject([{ kind: 'messages', rows: 5 }])
    const other = (
      await done(['prune', '--costs', '1y', '--dry-run', '--json', '--config', file])
    ).json<PruneData>()
    expect(other.data.kinds).toMatchObject([{ kind: 'costs', rows: 0 }])
  })
})

describe('wrong usage', () => {
  test.each([
    [['--messages', '0d'], '--messages must be at least a day ago'],
    [['--costs', '23h'], '--costs must be at least a day ago'],
    [['--messages', '2999-01-01'], '--messages must be at least a day ago'],
    [['--messages', '-5d'], '--messages must be a time with offset'],
    [['--audit', 'tomorrow'], '--audit must be a time with offset'],
    [['--messages', '90d', '--max-rows', '0'], '--max-rows must be a whole number of at least 1'],
  ])('%j is refused, and nothing is done', async (words, says) => {
    const { purser } = await oldDatabase()
    const { code, stderr } = await purser(['prune', ...words, '--yes'])
    expect(code).toBe(2)
    expect(stderr).toContain(says)
    const { data } = (await purser([...asked, '--dry-run', '--json'])).json<PruneData>()
    expect(data.kinds.map(({ kind, rows }) => [kind, rows > 0])).toEqual([
      ['messages', true],
      ['costs', true],
      ['audit', true],
    ])
  })

  test('without a database it says so', async () => {
    const { purser } = workspace()
    const { code, stderr } = await purser(asked)
    expect([code, stderr.includes('there is no database')]).toEqual([1, true])
  })
})
