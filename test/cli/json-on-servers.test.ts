// What --json prints has the same keys and types on every engine, and the same values but for
// places, versions, sizes, times and the ids that are made at random.

import { describe, expect, test } from 'vitest'
import { workspace } from '../support/cli/purser.ts'
import { engineNames, freshUrl, isThere } from '../support/fresh-url.ts'

const available = engineNames.filter((name) => name !== 'sqlite' && isThere(name))

const task = [
  '--title',
  'T',
  '--description',
  'D',
  '--project',
  'P',
  '--created-by',
  'ada',
  '--type',
  'admin',
]
const call = [
  '--agent',
  'bo',
  '--provider',
  'acme',
  '--model',
  'm',
  '--input-tokens',
  '1',
  '--output-tokens',
  '2',
]
const demoPlan = '01K0TDE0000000000000000004'
const commands: readonly (readonly string[])[] = [
  ['status'],
  ['drift'],
  ['migrate', '--plan', '--to', '99'],
  ['migrate'],
  ['migrate', '--plan'],
  ['status'],
  ['demo'],
  ['drift'],
  ['doctor'],
  ['doctor', '--findings'],
  ['plans', 'tree', 'demo/tide-service'],
  ['plans', 'list', '--limit', '2'],
  ['plans', 'show', demoPlan],
  ['plans', 'cost', 'demo/tide-service', '--tree'],
  ['plans', 'create', '--name', 'a/b', '--action', 'demo/build', '--description', 'd'],
  ['plans', 'preflight', 'a/b'],
  ['plans', 'use', 'a/b'],
  ['plans', 'cancel', 'a/b', '--reason', 'r', '--yes'],
  ['plans', 'delete', 'a/b', '--yes'],
  ['plans', 'show', 'a/b'],
  ['actions', 'show', 'demo/build'],
  ['profiles', 'list'],
  ['tasks', 'list', '--limit', '3'],
  ['tasks', 'show', 'demo-task-3'],
  [
    'tasks',
    'create',
    '--id',
    't',
    ...task,
    '--deadline',
    '2026-12-31T23:59:59.999Z',
    '--budget',
    '0.000000001',
  ],
  ['tasks', 'create', '--id', 't', ...task],
  ['tasks', 'create', '--id', 'u', ...task, '--plan', '01K0TDE0000000000000000999'],
  ['tasks', 'transition', 't', 'completed'],
  ['tasks', 'delete', 't', '--yes'],
  ['costs', 'report'],
  ['costs', 'report', '--plan', 'demo/tide-service', '--tree', '--by', 'plan'],
  ['costs', 'list', '--limit', '3'],
  ['costs', 'record', ...call, '--cost', '0.000000001', '--currency', 'EUR'],
  ['costs', 'report'],
  ['messages', 'history', 'predictions', '--limit', '2'],
  ['messages', 'search', 'tide'],
  [
    'messages',
    'send',
    '--from',
    'a',
    '--to',
    'b',
    '--channel',
    'c',
    '--type',
    'announcement',
    '--content',
    'ü 🌊',
  ],
  ['audit', 'log', '--limit', '3'],
  [
    'audit',
    'append',
    '--action',
    'x:y',
    '--subject-type',
    'tool',
    '--subject-id',
    's',
    '--verdict',
    'allow',
    '--risk',
    'low',
  ],
  ['audit', 'verify'],
  ['audit', 'head'],
]

/** What is each engine's own: its name, its places, how many bytes it takes. */
const own = /^(engine|url|urlFrom|location|serverVersion|sizeBytes|backup)$/
/** Data by the shape of what cannot be the same twice. */
function mask(value: unknown, key = ''): unknown {
  if (own.test(key)) return `<${key}>`
  if (Array.isArray(value)) return value.map((item) => mask(item, key))
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mask(item, name)]))
  if (/(ms|Ms|Cursor)$/.test(key)) return typeof value
  if (typeof value !== 'string') return value
  return value
    .replaceAll(/\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/g, (id) => (id.startsWith('01K0TDE') ? id : '<ID>'))
    .replaceAll(/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<TIME>')
    .replaceAll(/\b20\d\d-\d\d-\d\d\b/g, '<DAY>')
    .replaceAll(/\b[0-9a-f]{64}\b/g, '<HASH>')
    .replaceAll(/(?:\w+:)?\/\S+?(?=[;,\s]|$)/g, '<PLACE>')
}

async function answers(url: string): Promise<Map<string, unknown>> {
  const { purser } = workspace()
  const all = new Map<string, unknown>()
  for (const words of commands) {
    const result = await purser([...words, '--json'], { env: { PURSER_URL: url } })
    const { data, messages, timing: _, ...rest } = result.json()
    const statements = words.includes('--plan') && words[0] === 'migrate' ? [] : mask(data)
    all.set(`${all.size} ${words.join(' ')}`, { ...rest, data: statements, messages: mask(messages) })
  }
  return all
}

describe.skipIf(available.length === 0)('--json on servers', () => {
  test('is that of SQLite, key for key', { timeout: 600_000 }, async () => {
    const [expected, ...others] = await Promise.all([
      answers('sqlite:./purser.db'),
      ...available.map(async (engine) => answers(await freshUrl(engine))),
    ])
    for (const [index, name] of available.entries()) {
      for (const [command, answer] of expected ?? [])
        expect.soft(others[index]?.get(command), `${name}: ${command}`).toEqual(answer)
    }
  })
})
