// `purser approvals …`, `agents …`, `parked-runs …` and `plans proceed`: what waits for a human, from
// the question to the move.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

const ask = (...more: string[]) => [
  ...['approvals', 'request', '--kind', 'tool:call', '--subject-type', 'tool', '--subject', 'shell', ...more],
]

test('an approval is asked for, listed, shown, decided once, and waited for', async () => {
  const { done, purser } = workspace()
  await done(['migrate', '--quiet'])
  expect((await done(['approvals', 'list'])).stdout).toBe(
    'There are no approvals yet. To ask for one: purser approvals request --help\n',
  )
  const asked = await done(
    ask('--actor', 'otto', '--risk-level', 'high', '--reason', 'It has to run', '--json'),
  )
  const { id } = asked.json<{ id: string }>().data
  expect(asked.json().data).toMatchObject({ requestedBy: 'otto', status: 'pending', riskLevel: 'high' })
  expect((await done(['approvals', 'list'])).stdout).toMatch(
    /^ID +STATUS +KIND +ABOUT +RISK +ASKED BY +ASKED\n\w+ +pending +tool:call +tool shell +high +otto +just now\n\n1 pending approval\n$/,
  )
  const own = await purser(['approvals', 'approve', id, '--actor', 'otto'])
  expect(own.code).toBe(1)
  expect(own.stderr).toMatch(/was asked for by the same actor; another one has to decide it/)
  const foreign = await purser(['approvals', 'withdraw', id, '--actor', 'ada'])
  expect(foreign.stderr).toMatch(/was asked for by another actor, and only that one may withdraw it/)
  const soon = await done(ask('--actor', 'otto', '--expires', '2h', '--json'))
  const { id: expiring, expiresAt } = soon.json<{ id: string; expiresAt: string }>().data
  const left = Date.parse(expiresAt) - Date.now()
  expect(left / 60_000).toBeGreaterThan(118)
  expect(left / 60_000).toBeLessThanOrEqual(120)
  expect((await done(['approvals', 'show', expiring])).stdout).toMatch(/ {2}Expires +in (1|2) h \(20/)
  await done(['approvals', 'withdraw', expiring, '--actor', 'otto'])
  const withdrawn = await purser(['approvals', 'wait', expiring, '--timeout', '1s', '--json'])
  expect(withdrawn.json()).toMatchObject({
    ...{ status: 'warn', exitCode: 3 },
    messages: [{ level: 'warn', code: 'NOT_APPROVED', text: 'The approval is withdrawn.' }],
  })
  const late = await purser(['approvals', 'wait', id, '--timeout', '0'])
  expect(late.code).toBe(1)
  expect(late.stderr).toMatch(/the approval was not decided within 0 ms/)
  expect((await done(['approvals', 'approve', id, '--actor', 'ada', '--reason', 'Reviewed'])).stdout).toBe(
    `${id} is now approved\n`,
  )
  const again = await purser(['approvals', 'reject', id, '--actor', 'zoe'])
  expect(again.code).toBe(1)
  expect(again.stderr).toMatch(/cannot go from approved to rejected; it is final/)
  expect((await done(['approvals', 'wait', id])).stdout).toBe(`${id} is approved\n`)
  const shown = (await done(['approvals', 'show', id])).stdout
  expect(shown).toMatch(/^tool:call {2}approved\n/)
  expect(shown).toMatch(/Asked +just now \(.*\) by otto\n/)
  expect(shown).toMatch(/Asked because\n {2}It has to run\n\nDecided because\n {2}Reviewed\n$/)
  expect((await done(['approvals', 'list'])).stdout).toBe(
    'Nothing waits for a decision.\n2 more approvals not pending any more; with them:\n  purser approvals list --all\n',
  )
  const other = (await done(ask('--actor', 'otto', '--quiet'))).stdout.trim()
  await done(['approvals', 'withdraw', other, '--actor', 'otto'])
  expect((await purser(['approvals', 'wait', other])).code).toBe(3)
})

test('a plan proceeds once its approval is approved', async () => {
  const { done, purser, folder } = workspace()
  await done(['migrate', '--quiet'])
  await using store = await openStore(`sqlite:${join(folder, 'purser.db')}`)
  const plan = await store.plans.create(
    {
      name: 'a/b',
      actionName: 'x',
      description: 'Ship it',
      automationProfile: 'manual',
      phase: 'strategize',
      state: 'complete',
    },
    { asOf: new Date() },
  )
  const waiting = await purser(['plans', 'proceed', 'a/b', 'createTool', '--actor', 'otto'])
  const asJson = await purser(['plans', 'proceed', 'a/b', 'createTool', '--actor', 'otto', '--json'])
  expect(asJson.json()).toMatchObject({ status: 'warn', exitCode: 3, messages: [{ code: 'WAITS' }] })
  expect(waiting.code).toBe(3)
  expect(waiting.stdout).toMatch(/^\w+ waits for the approval \w+\n {2}purser approvals approve \w+\n$/)
  const [approval] = (await store.approvals.list({ planId: plan.planId })).items
  await done(['approvals', 'approve', approval?.id ?? '', '--actor', 'ada'])
  expect((await done(['plans', 'proceed', 'a/b', 'createTool'])).stdout).toMatch(
    /is now .*execute.*queued.* it was strategize/,
  )
  const impossible = await purser(['plans', 'proceed', 'a/b', 'createTool'])
  expect(impossible.code).toBe(1)
  expect(impossible.stderr).toMatch(/cannot go from execute\/queued to/)
})

test('agents and parked runs are listed and shown', async () => {
  const { done, folder } = workspace()
  await done(['migrate', '--quiet'])
  expect((await done(['agents', 'list'])).stdout).toMatch(/^No agent was seen yet\./)
  expect((await done(['parked-runs', 'list'])).stdout).toMatch(/^There are no parked runs yet\./)
  await using store = await openStore(`sqlite:${join(folder, 'purser.db')}`)
  await store.agents.seen('otto', { role: 'coder', capabilities: ['typescript'] })
  const run = await store.parkedRuns.park({
    agentId: 'otto',
    format: 'test/state@1',
    state: Uint8Array.of(255, 0),
  })
  expect((await done(['agents', 'list', '--status', 'active'])).stdout).toMatch(
    /^ID +STATUS +ROLE +CAN +SEEN\notto +active +coder +typescript +just now\n\n1 agent\n$/,
  )
  expect((await done(['agents', 'show', 'otto'])).stdout).toMatch(
    /^otto {2}active\n[\s\S]*Its runs that wait: 1\n$/,
  )
  expect((await done(['parked-runs', 'list', '--no-resumed'])).stdout).toMatch(
    /otto +test\/state@1 .*waits\n\n1 parked run\n$/,
  )
  expect((await done(['parked-runs', 'show', run.id])).stdout).toMatch(/^\w+ {2}waits\n/)
  const shown = await done(['parked-runs', 'show', run.id, '--json'])
  expect(shown.json().data).toMatchObject({ id: run.id, state: '/wA=', stateSize: 2 })
  const listed = await done(['parked-runs', 'list', '--json'])
  expect(listed.json<{ items: object[] }>().data.items[0]).not.toHaveProperty('state')
})
