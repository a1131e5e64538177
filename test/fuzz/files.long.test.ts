// Export files that were damaged, cut, joined, reordered, or edited by somebody who means harm: an
// import ends in success only where everything of the file is there as it says, and else in an
// error of the closed set. What was stored until then is whole, and importing the right file goes
// on from there. PURSER_RUNS=20 tries 2,000 files.

import { expect, test } from 'vitest'
import { type ImportReport, importRecords, openStore, PersistenceError, type Store } from '../../src/index.ts'
import { furnish } from '../support/fuzz/calls.ts'
import { MARK } from '../support/fuzz/hostile.ts'
import { mutated } from '../support/fuzz/mutated-files.ts'
import { firstSeed, type Random, randomFrom } from '../support/loss/random.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { exportLines, recordLinesOf, sealed, streamOf } from '../support/transfer/files.ts'

const FILES = propertyRuns(100)

async function exported(): Promise<readonly string[]> {
  await using store = await openStore('sqlite::memory:')
  await furnish(store)
  await store.as(MARK).audit.append({ action: 'tool:call', subjectType: 'tool', details: { text: MARK } })
  return await exportLines(store)
}

interface Tried {
  readonly report?: ImportReport
  readonly error?: unknown
}

async function tried(store: Store, file: string | Uint8Array, random: Random): Promise<Tried> {
  const onError = random.pick(['stop', 'stop', 'skip'] as const)
  try {
    return { report: await importRecords(store, streamOf(file, random.pick([1, 100, 10_000])), { onError }) }
  } catch (error) {
    return { error }
  }
}

test('damaged export files are never taken for whole ones', { timeout: 60_000 + FILES * 1000 }, async () => {
  const lines = await exported()
  const records = lines.slice(1, -1)
  const first = firstSeed()
  const faults: string[] = []
  const counts = { accepted: 0, refused: 0 }
  for (let seed = first; seed < first + FILES; seed += 1) {
    const random = randomFrom(seed)
    const { name, file, isSealed } = mutated(lines, random)
    await using store = await openStore('sqlite::memory:')
    const { report, error } = await tried(store, file, random)
    const there = await recordLinesOf(store)
    const say = (fault: string) => faults.push(`PURSER_SEED=${seed}, ${name}: ${fault}`)
    if (report && report.failed === 0 && report.intact) {
      counts.accepted += 1
      // Whoever seals a file anew may say what a record is; else it is the one that was exported.
      if (!isSealed && there.join() !== records.join())
        say('was called a success, and is not what was exported')
      if (there.length !== report.stored || report.records !== report.stored + report.unchanged)
        say(`says ${JSON.stringify(report)}, and there are ${there.length} records`)
      if (isSealed) {
        await using again = await openStore('sqlite::memory:')
        const second = await importRecords(again, streamOf(sealed(lines[0] ?? '', there)))
        if (!second.intact || (await recordLinesOf(again)).join() !== there.join())
          say('cannot be exported and imported again')
      }
    } else {
      counts.refused += 1
      const { message, stack, transferred } = (error ?? {}) as Error & { transferred?: { stored: number } }
      if (error && !(error instanceof PersistenceError)) say(`not of the closed set: ${stack}`)
      for (const text of [message, stack, JSON.stringify(report?.errors)])
        if (text?.includes(MARK)) say(`repeats what is in the file: ${text.slice(0, 300)}`)
      if (message !== undefined && /\n\s+at |.{2000}/s.test(message))
        say(`a message that is none: ${message.slice(0, 300)}`)
      const stored = transferred?.stored ?? report?.stored
      if (stored !== there.length)
        say(`says that ${stored} records were stored, and there are ${there.length}`)
    }
    if (seed % 10 === 0) {
      const { checks } = await store.doctor()
      // Whoever edits an audit entry is found out by the trail.
      const failed = checks.filter((check) => check.status === 'fail' && check.name !== 'audit chain')
      for (const check of failed) say(`left behind: ${check.name}: ${check.detail}`)
    }
    // What was stored of the right records is no hindrance to the right file.
    if (there.every((line) => records.includes(line))) {
      const { intact, failed } = await importRecords(store, streamOf(`${lines.join('\n')}\n`))
      if (!intact || failed > 0 || (await recordLinesOf(store)).join() !== records.join())
        say('the right file does not mend it')
    }
  }
  console.log(`files from seed ${first}: ${JSON.stringify(counts)}`)
  expect(faults).toEqual([])
})
