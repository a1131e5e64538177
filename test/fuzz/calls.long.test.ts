// Every call of a store with arguments that nobody means: each is refused with an error of the
// closed set, or stored and given back as it was given; the same on every engine. Nothing hangs,
// nothing of what was given stands in a message, nothing is left open. PURSER_RUNS=20 makes 20,000
// calls on each engine.

import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { describeOnEngines, freshUrl } from '../support/fresh-url.ts'
import { fuzz } from '../support/fuzz/run.ts'
import { firstSeed } from '../support/loss/random.ts'
import { propertyRuns } from '../support/property-runs.ts'

const CALLS = propertyRuns(1000)

describeOnEngines('hostile arguments', (engine) => {
  test('are refused, or stored and given back', { timeout: 60_000 + CALLS * 100 }, async () => {
    const url = await freshUrl(engine)
    await using store = await openStore(url)
    const seed = firstSeed()
    const { faults, ...tally } = await fuzz(store, seed, CALLS)
    console.log(`${engine}, seed ${seed}: ${JSON.stringify(tally)}`)
    // Another connection may write: nothing is left open.
    await using other = await openStore(url)
    await other.transaction((tx) => tx.tasks.delete('nobody'))
    expect(faults).toEqual([])
  })
})
