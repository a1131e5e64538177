// `purser prices …` and `purser costs unpriced`: what a model costs, prices of the configuration,
// and calls that were recorded without a cost and are priced later.

import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { workspace } from '../support/cli/purser.ts'

const acme = ['--provider', 'acme', '--model', 'large-1']
const price = ['--provider', 'acme', '--model', 'large-*', '--input', '3', '--output', '15']

/** A database with two calls of a model that no table knows, and one that the bundled one does. */
async function waiting() {
  const space = workspace()
  const { done } = space
  await done(['migrate', '--quiet'])
  const record = (...words: readonly string[]) =>
    done(['costs', 'record', '--agent', 'otto', ...words, '--actor', 'otto'])
  await record(...acme, '--input-tokens', '1000', '--output-tokens', '100')
  await record(...acme, '--input-tokens', '2000', '--output-tokens', '0')
  await record('--provider', 'openai', '--model', 'gpt-4o', '--input-tokens', '10', '--output-tokens', '1')
  return space
}

describe('prices', () => {
  test('show what a model costs, and test what a call would', async () => {
    const { done } = workspace()
    await done(['migrate', '--quiet'])
    const { stdout } = await done(['prices', 'show', '--provider', 'openai', '--model', 'gpt-4o'])
    expect(stdout).toMatch(/From +genai-prices \S+, \d{4}-\d{2}-\d{2}\n/)
    expect(stdout).toMatch(/input +2\.5 USD a million tokens\n/)
    const call = [
      '--provider',
      'openai',
      '--model',
      'gpt-4o',
      '--input-tokens',
      '1201',
      '--output-tokens',
      '81',
    ]
    expect((await done(['prices', 'test', ...call])).stdout).toMatch(/^0\.0038125 USD by genai-prices /)
    const { data } = (await done(['prices', 'test', ...call, '--json'])).json<{ cost: string }>()
    expect(data.cost).toBe('0.0038125')
    expect((await done(['prices', 'show', ...acme])).stdout).toBe(
      'No table knows a price of that model; purser prices set says how to give one.\n',
    )
    expect((await done(['prices', 'test', ...acme, '--input-tokens', '1'])).stdout).toBe(
      'Not known: such a call is recorded without a cost.\n',
    )
  })

  test('of the configuration are checked, shown as lines for it, and never written', async () => {
    const { done, purser } = workspace()
    const made = await done(['prices', 'set', ...price, '--since', '2026-01-01', '--cache-read', '0.3'])
    const [head, , ...lines] = made.stdout.split('\n')
    expect(head).toBe('Write this into purser.config.yaml, beside other prices:')
    const rule = {
      provider: 'acme',
      model: 'large-*',
      since: '2026-01-01',
      input: '3',
      output: '15',
      cacheRead: '0.3',
    }
    expect(parse(lines.join('\n'))).toEqual({ prices: [rule] })
    expect((await done(['prices', 'set', ...price, '--quiet'])).stdout).toMatch(/^prices:\n/)
    for (const wrong of [
      ['--input', 'much'],
      ['--since', 'soon'],
      ['--currency', 'dollars'],
    ]) {
      const refused = await purser(['prices', 'set', ...price, ...wrong])
      expect([refused.code, refused.stdout]).toEqual([2, ''])
    }
  })

  test('are applied to the calls that wait, once, by the actor', async () => {
    const { done, path } = await waiting()
    expect((await done(['costs', 'unpriced'])).stdout).toMatch(
      /^PROVIDER +MODEL +BILLER +CALLS +TOKENS IN +OUT\nacme +large-1 +– +2 +3[,\u202f ]?000 +100\n/,
    )
    const { groups } = (await done(['costs', 'unpriced', '--json'])).json<{ groups: readonly object[] }>()
      .data
    expect(groups).toHaveLength(1)
    expect((await done(['prices', 'apply'])).stdout).toBe('Priced 0 calls; 2 calls without a price\n')
    const rule = { provider: 'acme', model: 'large-*', input: '3', output: '15' }
    writeFileSync(path('purser.config.json'), JSON.stringify({ url: 'sqlite:purser.db', prices: [rule] }))
    // 3000 at 0.000003 and 100 at 0.000015.
    expect((await done(['prices', 'apply', '--dry-run'])).stdout).toBe('Would price 2 calls: 0.0105 USD\n')
    expect((await done(['costs', 'unpriced', '--provider', 'acme'])).stdout).toContain('large-1')
    const applied = await done(['prices', 'apply', '--provider', 'acme', '--actor', 'mira'])
    expect(applied.stdout).toBe('Priced 2 calls: 0.0105 USD\n')
    expect((await done(['costs', 'unpriced'])).stdout).toBe('The cost of every call is known.\n')
    expect((await done(['costs', 'unpriced', '--quiet'])).stdout.trim()).toBe('')
    expect((await done(['prices', 'apply'])).stdout).toBe('Priced 0 calls\n')
    const { items } = (await done(['audit', 'log', '--action', 'prices:apply', '--json'])).json<{
      items: readonly { actor: string }[]
    }>().data
    expect(items.map(({ actor }) => actor)).toEqual(['mira'])
  })
})
