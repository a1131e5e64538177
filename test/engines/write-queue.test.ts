// The queue of group commit, over an engine that is a function: what forms a set, in what order,
// and what becomes of a set that fails as a whole. Real commits and crashes are in test/engines.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WriteOperation, WriteOutcome } from '../../src/engines/contract/engine.ts'
import { WriteQueue, type WriteQueueOptions } from '../../src/engines/core/write-queue.ts'
import { ConstraintViolationError, PersistenceError, QueryError, TimeoutError } from '../../src/errors.ts'

const operation = (name: string | number): WriteOperation => ({
  kind: 'execute',
  query: { sql: String(name), parameters: [] },
})
const nameOf = (write: WriteOperation) => (write.kind === 'execute' ? write.query.sql : write.kind)
const stored: WriteOutcome = { kind: 'stored' }
const classify = (error: unknown) =>
  error instanceof PersistenceError ? error : new QueryError('classified', { cause: error })

/** A queue over an engine whose sets are recorded, and end when `run` says so. */
function recordingQueue(
  run: (set: readonly string[]) => Promise<readonly WriteOutcome[]> | readonly WriteOutcome[] = (set) =>
    set.map(() => stored),
  options: Partial<WriteQueueOptions> = {},
) {
  const sets: string[][] = []
  const queue = new WriteQueue({
    runSet: async (operations) => {
      const names = operations.map(nameOf)
      sets.push(names)
      return run(names)
    },
    readRows: async () => [],
    maxSetSize: 512,
    classify,
    ...options,
  })
  return { queue, sets, add: (name: string | number) => queue.add(operation(name), 'ada') }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))
const range = (count: number) => Array.from({ length: count }, (_, index) => String(index))

describe('what forms a set', () => {
  test('the writes of one tick go together, in the order of the calls', async () => {
    const { add, sets } = recordingQueue()
    await Promise.all(range(10).map(add))
    expect(sets).toEqual([range(10)])
  })

  test('a write alone goes alone', async () => {
    const { add, sets } = recordingQueue()
    await add('a')
    await nextTurn()
    await add('b')
    expect(sets).toEqual([['a'], ['b']])
  })

  test('writes that come in while a set is committed form the next one', async () => {
    const gates: (() => void)[] = []
    const { add, sets } = recordingQueue(async (set) => {
      await new Promise<void>((resolve) => gates.push(resolve))
      return set.map(() => stored)
    })
    const first = add('a')
    while (gates.length < 1) await nextTurn()
    const later = ['b', 'c'].map(add)
    await nextTurn()
    later.push(add('d'))
    await nextTurn()
    expect(sets).toEqual([['a']])
    gates[0]?.()
    await first
    while (gates.length < 2) await nextTurn()
    gates[1]?.()
    await Promise.all(later)
    expect(sets).toEqual([['a'], ['b', 'c', 'd']])
  })

  test('callers that go on as soon as they are answered ride together again', async () => {
    const { add, sets } = recordingQueue()
    const caller = async (name: string) => {
      for (let turn = 0; turn < 20; turn += 1) await add(`${name}${turn}`)
    }
    await Promise.all(range(8).map((number) => caller(`${number}-`)))
    expect(sets).toHaveLength(20)
    for (const set of sets) expect(set).toHaveLength(8)
  })

  test.each([1, 2, 7, 512])('no set is larger than %i', async (maxSetSize) => {
    const { add, sets } = recordingQueue(undefined, { maxSetSize })
    const names = range(1300)
    await Promise.all(names.map(add))
    expect(Math.max(...sets.map((set) => set.length))).toBe(maxSetSize)
    expect(sets.flat()).toEqual(names)
    expect(sets).toHaveLength(Math.ceil(1300 / maxSetSize))
  })

  test('while writes keep coming, everything else on the event loop has its turn', async () => {
    const { add } = recordingQueue()
    let over = false
    let turns = 0
    const count = () => {
      turns += 1
      if (!over) setImmediate(count)
    }
    setImmediate(count)
    // A queue that starved the loop would go on until the deadline with no turn at all.
    const deadline = performance.now() + 5000
    const caller = async () => {
      while (turns < 5 && performance.now() < deadline) await add('x')
    }
    await Promise.all([caller(), caller()])
    over = true
    expect(turns).toBeGreaterThanOrEqual(5)
  })
})

describe('order', () => {
  test('of every caller is kept, whatever the sets', async () => {
    const plan = fc.record({
      maxSetSize: fc.integer({ min: 1, max: 5 }),
      callers: fc.array(fc.array(fc.boolean(), { maxLength: 8 }), { minLength: 1, maxLength: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(plan, async ({ maxSetSize, callers }) => {
        const { add, sets } = recordingQueue(undefined, { maxSetSize })
        await Promise.all(
          callers.map(async (waits, caller) => {
            const pending: Promise<unknown>[] = []
            for (const [index, wait] of waits.entries()) {
              const write = add(`${caller} ${index}`)
              if (wait) await write
              else pending.push(write)
            }
            await Promise.all(pending)
          }),
        )
        for (const [caller, waits] of callers.entries()) {
          const own = sets.flat().filter((name) => name.startsWith(`${caller} `))
          expect(own).toEqual(waits.map((_, index) => `${caller} ${index}`))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('each caller gets the outcome of its own write', async () => {
    const { add } = recordingQueue((set) => set.map((name) => ({ kind: 'deleted', count: Number(name) })))
    const outcomes = await Promise.all(range(100).map(add))
    expect(outcomes).toEqual(range(100).map((name) => ({ kind: 'deleted', count: Number(name) })))
  })
})

describe('a set that fails as a whole', () => {
  const refused = new ConstraintViolationError('check', 'one of the rows is not allowed')
  /** An engine that takes no set in which one of the guilty stands. */
  const refusing = (...offending: string[]) =>
    recordingQueue((set) => {
      if (set.some((name) => offending.includes(name))) throw refused
      return set.map(() => stored)
    })
  const settle = (promises: readonly Promise<WriteOutcome>[]) =>
    Promise.allSettled(promises).then((all) => all.map(({ status }) => status === 'fulfilled'))

  test.each([1, 2, 3, 64, 100])(
    'because of one row is split until that row is alone: %i writes',
    async (count) => {
      for (const offending of new Set([0, count >> 1, count - 1])) {
        const { add, sets } = refusing(String(offending))
        const outcomes = await Promise.allSettled(range(count).map(add))
        for (const [index, outcome] of outcomes.entries()) {
          if (index === offending) expect(outcome).toEqual({ status: 'rejected', reason: refused })
          else expect(outcome).toEqual({ status: 'fulfilled', value: stored })
        }
        // Halving: two tries for each level at the most.
        expect(sets.length).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(count || 1)))
      }
    },
  )

  test('because of several rows stores all others, each once', async () => {
    const any = fc.uniqueArray(fc.integer({ min: 0, max: 39 }), { maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(any, async (offending) => {
        const { add, sets } = refusing(...offending.map(String))
        const accepted = await settle(range(40).map(add))
        expect(accepted).toEqual(range(40).map((_, index) => !offending.includes(index)))
        const committed = sets.filter((set) => !set.some((name) => offending.includes(Number(name))))
        expect(committed.flat().sort()).toEqual(
          range(40)
            .filter((name) => !offending.includes(Number(name)))
            .sort(),
        )
      }),
      { numRuns: 40 },
    )
  })

  test('keeps the order of its writes while it is split', async () => {
    const { add, sets } = refusing('5')
    await settle(range(16).map(add))
    const committed = sets.filter((set) => !set.includes('5')).flat()
    expect(committed).toEqual(range(16).filter((name) => name !== '5'))
  })

  test.each([
    new QueryError('the disk is full'),
    new TimeoutError('the lock was not freed'),
    new Error('the driver is gone'),
  ])('because of what would fail every part of it is not tried again: %s', async (error) => {
    const { add, sets } = recordingQueue(() => {
      throw error
    })
    const outcomes = await Promise.allSettled(range(8).map(add))
    expect(sets).toHaveLength(1)
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(PersistenceError) })
      const { reason } = outcome as PromiseRejectedResult
      expect(reason === error || reason.cause === error).toBe(true)
    }
  })

  test('does not wedge the queue: the next ones go through', async () => {
    let broken = true
    const { add, queue } = recordingQueue((set) => {
      if (broken) throw new Error('once')
      return set.map(() => stored)
    })
    expect(await settle(range(3).map(add))).toEqual([false, false, false])
    broken = false
    expect(await settle(range(3).map(add))).toEqual([true, true, true])
    await queue.drained()
  })

  test('that has too few outcomes tells those that have none', async () => {
    const { add } = recordingQueue(() => [stored])
    const [first, second] = await Promise.allSettled([add('a'), add('b')])
    expect(first).toEqual({ status: 'fulfilled', value: stored })
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'QUERY_FAILED' } })
  })
})

describe('earlierSettled', () => {
  test('waits for the writes before it, also refused ones, and not for later ones', async () => {
    const gates: (() => void)[] = []
    const { queue, add } = recordingQueue(
      (set) =>
        new Promise((resolve, reject) => {
          gates.push(() => (set.includes('bad') ? reject(new Error('no')) : resolve(set.map(() => stored))))
        }),
      { maxSetSize: 1 },
    )
    await queue.earlierSettled()
    const calls = ['a', 'bad'].map((name) => add(name).catch(() => undefined))
    let isSettled = false
    const earlier = queue.earlierSettled().then(() => {
      isSettled = true
    })
    const later = add('later')
    for (const [index, before] of [false, false, true].entries()) {
      await expect.poll(() => gates.length).toBe(index + 1)
      expect(isSettled).toBe(before)
      if (index < 2) gates[index]?.()
    }
    await earlier
    await Promise.all(calls)
    gates[2]?.()
    await later
  })
})

describe('drained', () => {
  test('resolves at once when nothing is queued, and else after the last answer', async () => {
    const gates: (() => void)[] = []
    const { add, queue } = recordingQueue(async (set) => {
      await new Promise<void>((resolve) => gates.push(resolve))
      return set.map(() => stored)
    })
    await queue.drained()
    const order: string[] = []
    const writes = ['a', 'b'].map((name) => add(name).then(() => order.push(name)))
    const drained = queue.drained().then(() => order.push('drained'))
    while (gates.length < 1) await nextTurn()
    expect(order).toEqual([])
    gates[0]?.()
    await Promise.all([...writes, drained])
    expect(order).toEqual(['a', 'b', 'drained'])
  })

  test('resolves after a set that failed, too', async () => {
    const { add, queue } = recordingQueue(() => {
      throw new Error('no')
    })
    const write = add('a')
    const drained = queue.drained()
    await expect(write).rejects.toBeInstanceOf(PersistenceError)
    await drained
  })
})

test('the observer is told of every set: its size, its time, and its failure', async () => {
  const seen: unknown[][] = []
  let broken = false
  const { add } = recordingQueue(
    (set) => {
      if (broken) throw new TimeoutError('late')
      return set.map(() => stored)
    },
    { observe: (...facts) => seen.push(facts) },
  )
  await Promise.all(range(3).map(add))
  broken = true
  await Promise.allSettled(range(2).map(add))
  expect(seen).toEqual([
    [3, 0, expect.any(Number)],
    [2, 0, expect.any(Number), expect.any(TimeoutError)],
  ])
})
