// `purser plans checkpoint`, `checkpoints` and `restore`.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

test('a plan is kept, listed, and put back when a human lets it', async () => {
  const { done, purser, folder } = workspace()
  await done(['migrate', '--quiet'])
  await using store = await openStore(`sqlite:${join(folder, 'purser.db')}`)
  const { planId } = await store.plans.create(
    {
      ...{ name: 'a/b', actionName: 'x', description: 'Ship it', phase: 'execute', state: 'processing' },
      ...{ lastCompletedStep: 3, automationProfile: 'manual' },
    },
    { asOf: new Date() },
  )
  expect((await done(['plans', 'checkpoints', 'a/b'])).stdout).toMatch(/no checkpoints yet/)
  writeFileSync(join(folder, 'session.bin'), Uint8Array.of(0, 255, 10))
  const flags = [
    '--alias',
    'before-schema',
    '--sandbox-ref',
    'git:1f3c9d',
    '--state',
    join(folder, 'session.bin'),
  ]
  const kept = await done(['plans', 'checkpoint', 'a/b', ...flags, '--json'])
  const { checkpointId } = kept.json<{ checkpointId: string }>().data
  expect([...((await store.planCheckpoints.get(checkpointId))?.state ?? [])]).toEqual([0, 255, 10])
  expect((await done(['plans', 'checkpoints', 'a/b'])).stdout).toMatch(
    /before-schema +execute\/processing +3 +3 B +git:1f3c9d +just now +last/,
  )
  const again = await purser(['plans', 'checkpoint', 'a/b', ...flags])
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('before-schema')])
  const gone = await purser(['plans', 'checkpoint', 'a/b', '--state', 'no-such-file'])
  expect([gone.code, gone.stderr]).toEqual([2, expect.stringContaining('ENOENT')])
  const missing = await purser(['plans', 'restore', checkpointId])
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('--reason is missing')])
  const words = ['plans', 'restore', checkpointId.slice(0, 22), '--reason', 'wrong table', '--actor', 'otto']
  const waiting = await purser(words)
  expect([waiting.code, waiting.stdout]).toEqual([3, expect.stringContaining('waits for the approval')])
  const approval = (await store.approvals.list({ planId })).items[0]
  await done(['approvals', 'approve', approval?.id ?? '', '--actor', 'ada'])
  expect((await done(words)).stdout).toMatch(
    /execute\/processing → execute\/queued\n {2}the sandbox is at git:1f3c9d\n$/,
  )
  expect((await store.plans.get(planId))?.lastCompletedStep).toBe(3)
})
