// `purser plans decisions` and `correct`: what a plan decided, and what somebody says about it.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

test('decisions are shown as a tree, corrected, and shown with their correction', async () => {
  const { done, purser, folder } = workspace()
  await done(['migrate', '--quiet'])
  await using store = await openStore(`sqlite:${join(folder, 'purser.db')}`)
  const { planId } = await store.plans.create(
    { name: 'a/b', actionName: 'x', description: 'Ship it', phase: 'execute', state: 'processing' },
    { asOf: new Date() },
  )
  expect((await done(['plans', 'decisions', 'a/b'])).stdout).toBe(
    'This plan has no decisions yet. Applications store them by store.decisions.record(…).\n',
  )
  const root = await store.decisions.record({
    ...{ planId, type: 'prompt_definition', question: 'What?', chosenOption: 'A parser\nfor plans' },
  } as const)
  const choice = await store.decisions.record({
    ...{ planId, type: 'strategy_choice', parentDecisionId: root.decisionId, confidence: 0.8 },
    ...{ question: 'How?', chosenOption: 'By hand' },
  } as const)
  expect((await done(['plans', 'decisions', 'a/b'])).stdout).toMatch(
    /^NO +DECISION +CHOSEN +SURE +MADE +COUNTS +ID\n +1 +prompt definition +A parser +– +just now +yes +\w+\n +2 +strategy choice +By hand +80 % +just now +yes +\w+\n\n2 decisions\n$/,
  )
  const missing = await purser(['plans', 'correct', choice.decisionId])
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('--guidance is missing')])
  const words = ['plans', 'correct', choice.decisionId, '--guidance', 'Generate it', '--actor', 'ada']
  expect((await done(words)).stdout).toMatch(
    /^\w+ took the place of 1 decision; 0 plans cancelled\n {2}purser plans decisions \w+\n$/,
  )
  expect((await store.plans.get(planId))?.phase).toBe('strategize')
  const late = await purser(words)
  expect(late.code).toBe(1)
  expect(late.stderr).toMatch(/was superseded by "\w+"; read the tree of the plan again/)
  const { stdout } = await done(['plans', 'decisions', planId.slice(0, 20)])
  expect(stdout).toMatch(/\n\n3 decisions, 1 superseded\n\nCORRECTION +MODE +STATE +GUIDANCE +BY\n/)
  expect(stdout).toMatch(/revert +completed +Generate it +ada\n/)
  expect(stdout).toMatch(/revert +failed: DECISION_SUPERSEDED +Generate it +ada\n/)
  const appended = await done([
    'plans',
    'correct',
    root.decisionId,
    '--mode',
    'append',
    '--guidance',
    'g',
    '--json',
  ])
  expect(appended.json().data).toMatchObject({ mode: 'append', state: 'completed', superseded: 0 })
  const { data } = (await done(['plans', 'decisions', 'a/b', '--json'])).json<{
    decisions: readonly { sequence: number }[]
    corrections: readonly unknown[]
  }>()
  expect(data).toMatchObject({ planId, decisionRootId: root.decisionId })
  expect(data.decisions.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
  expect(data.corrections).toHaveLength(3)
})
