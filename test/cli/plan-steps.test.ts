// `purser plans step`, `steps` and `resume`.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

test('steps are recorded and listed, and say where the plan is resumed', async () => {
  const { done, purser, folder } = workspace()
  await done(['migrate', '--quiet'])
  await using store = await openStore(`sqlite:${join(folder, 'purser.db')}`)
  const { planId } = await store.plans.create(
    { name: 'a/b', actionName: 'x', description: 'Ship it', phase: 'execute', state: 'processing' },
    { asOf: new Date() },
  )
  expect((await done(['plans', 'steps', 'a/b'])).stdout).toMatch(/no steps yet/)
  const first = ['plans', 'step', 'a/b', '--index', '0', '--total', '2', '--name', 'read it']
  const told = await done([...first, '--status', 'completed'])
  expect(told.stdout).toBe(`${planId} step 0 of 2 is completed\n`)
  await done(['plans', 'step', 'a/b', '--index', '1', '--name', 'write it', '--status', 'failed'])
  expect((await done(['plans', 'steps', 'a/b'])).stdout).toMatch(/execute +0 of 2 +completed +read it/)
  for (const words of [
    ['--status', 'running'],
    ['--index', '1'],
    ['--index', '1', '--status', 'done'],
  ])
    expect((await purser(['plans', 'step', 'a/b', ...words])).code).toBe(2)

  const running = await done(['plans', 'resume', 'a/b'])
  expect(running.stdout).toMatch(/From +step 1 of 2, write it/)
  await done(['plans', 'fail', 'a/b', '--message', 'no disk'])
  const { checkpointId } = await store.planCheckpoints.create({ planId, alias: 'before' })
  const failed = await done(['plans', 'resume', 'a/b'])
  expect(failed.stdout).toContain(`plans retry ${planId}`)
  expect(failed.stdout).toContain(`plans start ${planId}`)
  expect(failed.stdout).toContain(`${checkpointId} before`)
  expect((await done(['plans', 'resume', 'a/b', '--json'])).json()).toMatchObject({
    data: { resumable: true, move: 'retry', step: 1, total: 2 },
  })
  await done(['plans', 'cancel', 'a/b', '--yes'])
  const ended = await purser(['plans', 'resume', 'a/b'])
  expect([ended.code, ended.stdout]).toEqual([3, expect.stringContaining('cannot be resumed')])
})
