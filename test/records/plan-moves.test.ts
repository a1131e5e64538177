// The table of moves as a pure function: 18 places, 9 moves, and what leads out of each. That the
// repository keeps to it is case P5.

import { describe, expect, test } from 'vitest'
import {
  movesFrom,
  type PlanMove,
  type PlanPhase,
  type PlanState,
  planMoves,
  statesOfPhase,
  taskStatuses,
  taskTransitions,
} from '../../src/index.ts'
import { beginningOf } from '../../src/records/model/beginning-of.ts'
import {
  isTerminal,
  moveFrom,
  nameOf,
  type PhaseAndState,
  planBeginning,
  stampsAt,
  targetOf,
} from '../../src/records/plans/moves.ts'
import { taskBeginning } from '../../src/records/tasks/transitions.ts'

const places = Object.entries(statesOfPhase).flatMap(([phase, states]) =>
  states.map((state): PhaseAndState => ({ phase: phase as PlanPhase, state })),
)

/** Where each move leads from each place, written out: `place → move → target`. */
const expected: Readonly<Record<string, Partial<Record<PlanMove, string>>>> = {
  'action/queued': { use: 'strategize/queued', cancel: 'action/cancelled' },
  'action/cancelled': {},
  'strategize/queued': { start: 'strategize/processing', cancel: 'strategize/cancelled' },
  'strategize/processing': {
    complete: 'strategize/complete',
    fail: 'strategize/errored',
    cancel: 'strategize/cancelled',
  },
  'strategize/complete': {
    advance: 'execute/queued',
    redo: 'strategize/queued',
    cancel: 'strategize/cancelled',
  },
  'strategize/errored': { retry: 'strategize/queued', cancel: 'strategize/cancelled' },
  'strategize/cancelled': {},
  'execute/queued': { start: 'execute/processing', revert: 'strategize/queued', cancel: 'execute/cancelled' },
  'execute/processing': {
    complete: 'execute/complete',
    fail: 'execute/errored',
    revert: 'strategize/queued',
    cancel: 'execute/cancelled',
  },
  'execute/complete': { advance: 'apply/queued', revert: 'strategize/queued', cancel: 'execute/cancelled' },
  'execute/errored': { retry: 'execute/queued', revert: 'strategize/queued', cancel: 'execute/cancelled' },
  'execute/cancelled': {},
  'apply/queued': { start: 'apply/processing', revert: 'strategize/queued', cancel: 'apply/cancelled' },
  'apply/processing': {
    complete: 'apply/applied',
    constrain: 'apply/constrained',
    fail: 'apply/errored',
    revert: 'strategize/queued',
    cancel: 'apply/cancelled',
  },
  'apply/applied': {},
  'apply/constrained': { revert: 'strategize/queued', cancel: 'apply/cancelled' },
  'apply/errored': { retry: 'apply/queued', revert: 'strategize/queued', cancel: 'apply/cancelled' },
  'apply/cancelled': {},
}

describe('the table of moves', () => {
  test('has the places of the table and no others', () => {
    expect(places.map(nameOf)).toEqual(Object.keys(expected))
  })

  test.each(places.map((place) => [nameOf(place), place] as const))('from %s', (name, place) => {
    const found = Object.fromEntries(movesFrom(place).map(({ move, to }) => [move, to]))
    expect(found).toEqual(expected[name])
    for (const move of planMoves) {
      const to = moveFrom(place, move)
      expect(to && nameOf(to)).toBe(expected[name]?.[move])
      if (to) expect(targetOf(place, move)).toBe(nameOf(to))
      expect(targetOf(place, move)).toMatch(/^(action|strategize|execute|apply)\/[a-z]+$/)
    }
    expect(isTerminal(place.state)).toBe(Object.keys(expected[name] ?? {}).length === 0)
  })

  test('leads from every place that is not final to an end, and reaches every place', () => {
    const reached = new Set(['action/queued'])
    for (const name of reached) {
      for (const to of Object.values(expected[name] ?? {})) reached.add(to)
    }
    expect([...reached].toSorted()).toEqual(places.map(nameOf).toSorted())
  })

  test('R2: begins where no move leads to, and knows the times of the moves into each place', () => {
    const reached = new Set(Object.values(expected).flatMap((moves) => Object.values(moves)))
    expect(places.map(nameOf).filter((name) => !reached.has(name))).toEqual([nameOf(planBeginning)])
    expect(places.flatMap((place) => stampsAt(place).map((stamp) => `${nameOf(place)} ${stamp}`))).toEqual([
      'action/cancelled cancelledAt',
      'strategize/processing strategizeStartedAt',
      'strategize/complete strategizeCompletedAt',
      'strategize/cancelled cancelledAt',
      'execute/processing executeStartedAt',
      'execute/complete executeCompletedAt',
      'execute/cancelled cancelledAt',
      'apply/processing applyStartedAt',
      'apply/applied appliedAt',
      'apply/cancelled cancelledAt',
    ])
    expect([
      beginningOf(taskStatuses, (from, to) => taskTransitions[from].includes(to)),
      taskBeginning,
    ]).toEqual([...['created', 'created']])
    expect(() => beginningOf(['a', 'b'], () => false)).toThrow('one beginning')
    expect(() => beginningOf(['a', 'b'], () => true)).toThrow('one beginning')
  })

  test('makes no move from a place that does not exist', () => {
    for (const state of ['processing', 'complete', 'errored', 'applied', 'constrained'] as PlanState[]) {
      const odd: PhaseAndState = { phase: 'action', state }
      expect(moveFrom(odd, 'start')).toBeUndefined()
      expect(moveFrom(odd, 'advance')).toBeUndefined()
      expect(moveFrom(odd, 'revert')).toBeUndefined()
    }
  })

  test('stamps a time for starts, completions and cancellations alone', () => {
    const stamps = places.flatMap((place) =>
      planMoves.flatMap((move) => {
        const stamp = moveFrom(place, move)?.stamps
        return stamp === undefined ? [] : [`${move} ${place.phase} ${stamp}`]
      }),
    )
    expect([...new Set(stamps)].toSorted()).toEqual([
      'cancel action cancelledAt',
      'cancel apply cancelledAt',
      'cancel execute cancelledAt',
      'cancel strategize cancelledAt',
      'complete apply appliedAt',
      'complete execute executeCompletedAt',
      'complete strategize strategizeCompletedAt',
      'start apply applyStartedAt',
      'start execute executeStartedAt',
      'start strategize strategizeStartedAt',
    ])
  })
})
