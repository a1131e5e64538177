// Run as a process of its own: several callers write every kind of record without end, alone, by
// lists and in transactions, and note each acknowledgement in a journal. Arguments: URL, seed, a
// name that begins every id, number of callers, path of the journal, and `second` when stores of
// the same process are to come and go beside it.

import { tmpdir } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { openStore, PersistenceError, type Store } from '../../../src/index.ts'
import { openJournal } from '../loss/journal.ts'
import { randomFrom } from '../loss/random.ts'
import { secondStore } from '../loss/second-store.ts'
import { writesOf } from '../loss/writes.ts'

const [url = '', seed = '0', name = '', callers = '1', journal = '', second = ''] = process.argv.slice(2)
const store: Store = await openStore({ url, backup: false })
const note = openJournal(journal)

/** A write whose outcome is not known is not acknowledged: its caller goes on with another. */
async function caller(number: number): Promise<never> {
  const random = randomFrom(Number(seed) * 101 + number)
  const writes = writesOf(store, note, random)
  for (let turn = 0; ; turn += 1) {
    try {
      await random.pick(writes)(`${name}-${number}-${turn}`)
    } catch (error) {
      if (!(error instanceof PersistenceError && error.retryable)) throw error
    }
    if (random.chance(0.2)) await pause(random.whole(0, 20))
  }
}

async function comeAndGo(): Promise<never> {
  const random = randomFrom(Number(seed) * 101 + 100)
  for (;;) {
    await pause(random.whole(0, 30))
    try {
      await secondStore(store, url, random, tmpdir())
    } catch (error) {
      if (!(error instanceof PersistenceError && error.retryable)) throw error
    }
  }
}

process.stdout.write('ready\n')
const work = Array.from({ length: Number(callers) }, (_, number) => caller(number))
await Promise.all(second === 'second' ? [...work, comeAndGo()] : work)
