// Processes that write everything there is, or migrate, go back, copy, import, export, prune or
// back up, are killed again and again beside others that come and go; nothing that was acknowledged
// is lost, and nothing is left half done. A run plays a few rounds on each engine; `PURSER_RUNS=100
// npm test -- --project loss` plays 200. A failure names the seed of its round: PURSER_SEED repeats
// it.

import { describe, expect, test } from 'vitest'
import { describeOnServers } from '../support/engines/servers.ts'
import { fileGround, type Ground, serverGround } from '../support/loss/grounds.ts'
import { firstSeed } from '../support/loss/random.ts'
import { type Outcome, playRound } from '../support/loss/round.ts'
import { propertyRuns } from '../support/property-runs.ts'

const ROUNDS = propertyRuns(2)

async function play(ground: Ground): Promise<void> {
  const first = firstSeed()
  const outcomes: Outcome[] = []
  for (let seed = first; seed < first + ROUNDS; seed += 1) {
    try {
      const outcome = await playRound(ground, seed)
      outcomes.push(outcome)
      expect(outcome.faults).toEqual([])
    } catch (error) {
      const { message } = error as Error
      throw new Error(`a round on ${ground.name} (PURSER_SEED=${seed}): ${message}`, {
        cause: error,
      })
    }
  }
  const sum = (of: (outcome: Outcome) => number) =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0)
  const kinds = [...new Set(outcomes.map(({ kind }) => kind))].join(', ')
  console.log(
    `${ground.name}: ${ROUNDS} rounds from seed ${first} (${kinds}); ${sum(({ killed }) => killed)} processes killed, ${sum(({ acknowledged }) => acknowledged)} writes acknowledged, none lost`,
  )
  expect(sum(({ killed }) => killed)).toBeGreaterThan(0)
  // In few rounds every writer may be killed before its first answer.
  if (kinds.includes('write') && ROUNDS >= 10)
    expect(sum(({ acknowledged }) => acknowledged)).toBeGreaterThan(0)
}

/** A minute for each round, on a machine with much else to do. */
const timeout = 60_000 * ROUNDS

describe.each(['wal', 'delete'] as const)('journal=%s', (journal) => {
  test('what was acknowledged is there', { timeout }, () => play(fileGround(journal)))
})

describeOnServers('processes that are killed', (places, name) => {
  test('what was acknowledged is there', { timeout }, () => play(serverGround(places, name)))
})
