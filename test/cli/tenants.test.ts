// A tenant that there is not: nothing but `purser migrate` makes it, and a mistyped name is
// answered with the names that are near.

import { readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { nearTenants } from '../../src/cli/run/near-tenants.ts'
import { workspace } from '../support/cli/purser.ts'
import { describeOnEngines, freshUrl } from '../support/fresh-url.ts'

const send = [
  'messages',
  'send',
  '--from',
  'a',
  '--to',
  'b',
  '--channel',
  'c',
  '--type',
  'question',
  '--content',
  'x',
]

describe('U14: a tenant that there is not', () => {
  test.each([
    ['messages send', send],
    [
      'tasks create',
      [
        ...['tasks', 'create', '--title', 't', '--description', 'd', '--project', 'p', '--created-by', 'a'],
        ...['--type', 'development'],
      ],
    ],
    ['demo', ['demo']],
    ['import', ['import', 'records.jsonl']],
    ['tasks list', ['tasks', 'list']],
    ['status', ['status']],
    ['doctor', ['doctor']],
  ])('is not made by %s, which names the tenant', async (_, words) => {
    const { purser, done, path, folder } = workspace()
    await done(['migrate', '--quiet', '--url', 'sqlite:other.db'])
    await done(['export', '--out', 'records.jsonl', '--quiet', '--url', 'sqlite:other.db'])
    const before = readdirSync(folder)
    const { code, stderr } = await purser([...words, '--tenant', 'tpyo'])
    expect(code).not.toBe(0)
    expect(stderr).toContain(`there is no tenant tpyo: no database at ${path('purser')}`)
    expect(stderr).toContain('; make it with "purser tenants create tpyo"')
    expect(readdirSync(folder)).toEqual(before)
  })

  test('is not made where a variable or a file names it', async () => {
    const { purser, path, folder } = workspace()
    const { code, stderr } = await purser(send, { env: { PURSER_TENANT: 'tpyo' } })
    expect([code, stderr]).toEqual([1, expect.stringContaining('there is no tenant tpyo')])
    writeFileSync(path('purser.config.json'), '{"tenant": "tpyo"}')
    expect((await purser(send)).stderr).toContain('there is no tenant tpyo')
    expect(readdirSync(folder)).toEqual(['purser.config.json'])
  })

  test('is answered with the names that are near', async () => {
    const { purser, done } = workspace()
    for (const tenant of ['typo', 'typos', 'globex']) await done(['migrate', '--quiet', '--tenant', tenant])
    const { stderr } = await purser([...send, '--tenant', 'tpyo'])
    expect(stderr).toMatch(
      /purser\.tpyo\.db; did you mean typo\? Make a new one with "purser tenants create tpyo"\n$/,
    )
    expect((await purser(['tasks', 'list', '--tenant', 'typoss'])).stderr).toContain('mean typos or typo?')
    await done([...send, '--tenant', 'typo'])
  })

  test('and a database in memory needs no tenant to be there', async () => {
    const { done } = workspace()
    await done([...send, '--tenant', 'tpyo', '--url', 'sqlite::memory:'])
  })
})

test('U14: names that are near are told, the nearest first, and no others', () => {
  expect(nearTenants('tpyo', ['globex', 'typos', 'typo', 'tpyo_two'])).toEqual(['typo', 'tpyo_two'])
  expect(nearTenants('tpyo', [])).toEqual([])
})

describeOnEngines('U14: tenants', (engine) => {
  test('are made once, listed, and told where a name is near', async () => {
    const url = await freshUrl(engine)
    const { done, purser } = workspace()
    const env = { PURSER_URL: url }
    await done(['migrate', '--quiet'], { env })
    expect((await done(['tenants', 'list'], { env })).stdout).toBe(
      'There are no tenants. To make one: purser tenants create NAME\n',
    )
    for (const name of ['typo', 'globex']) {
      const { stdout } = await done(['tenants', 'create', name], { env })
      expect(stdout).toMatch(
        new RegExp(`^Made tenant ${name}, at version \\d+: .*\\n {2}purser status --tenant ${name}\\n$`),
      )
    }
    expect((await done(['tenants', 'list'], { env })).stdout).toBe('globex\ntypo\n\n2 tenants\n')
    const listed = await done(['tenants', 'list', '--json'], { env: { ...env, PURSER_TENANT: 'elsewhere' } })
    expect(listed.json().data).toEqual({
      items: [{ name: 'globex' }, { name: 'typo' }],
      nextCursor: null,
      summary: { shown: 2, total: 2 },
    })
    const again = await purser(['tenants', 'create', 'typo'], { env })
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('there is a tenant typo already')])
    expect((await purser(['tenants', 'create', 'No'], { env })).stderr).toContain('must be a small letter')
    const { code, stderr } = await purser(['tasks', 'list', '--tenant', 'tpyo'], { env })
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('did you mean typo? Make a new one with "purser tenants create tpyo"'),
    ])
    await done([...send, '--tenant', 'typo'], { env })
    expect((await done(['tenants', 'list', '--quiet'], { env })).stdout).toBe('globex\ntypo\n')
  })
})
