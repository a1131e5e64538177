// L1, each kind: a process writes to a file, opens it a second time and closes that, a program that
// is not Purser opens it and closes it, the process writes on and is killed. Everything that was
// acknowledged is there. PURSER_RUNS=200 plays 200 rounds of each kind.

import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { startChild } from '../support/child-process.ts'
import { firstSeed, randomFrom } from '../support/loss/random.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { scratchFolder } from '../support/scratch.ts'

const ROUNDS = propertyRuns(1)

const COUNT = 'SELECT count(*) FROM messages'
const PYTHON = `import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=20); print(c.execute('${COUNT}').fetchone()[0]); c.close()`

/** Programs with a SQLite of their own: each opens the file, counts, and closes it. */
const foreign: Readonly<Record<string, (path: string) => ReturnType<typeof spawnSync>>> = {
  python3: (path) => spawnSync('python3', ['-c', PYTHON, path], { encoding: 'utf8' }),
  sqlite3: (path) => spawnSync('sqlite3', ['-cmd', '.timeout 20000', path, COUNT], { encoding: 'utf8' }),
}
const programs = Object.entries(foreign).filter(([, look]) => look(':memory:').error === undefined)
if (programs.length === 0)
  console.warn('NOT TESTED: files beside another program: neither python3 nor sqlite3 is there')

const ways = ['a second store', 'a worker thread', 'a backup', 'a copy', 'an export', 'status', 'doctor']

/** Begins to write, and says whether it may. */
const BEGIN = `import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=0)
try: c.execute('BEGIN IMMEDIATE'); print('taken')
except sqlite3.OperationalError as e: print(e)
c.close()`
const hasPython = programs.some(([name]) => name === 'python3')

async function round(way: string, journal: string, seed: number): Promise<number> {
  const random = randomFrom(seed)
  const folder = scratchFolder()
  const path = `${folder}/purser.db`
  const url = `sqlite:${path}?journal=${journal}&busyTimeout=20000`
  const child = startChild('second-opening', [url, way, folder])
  await child.line('opened')
  for (const [program, look] of programs) {
    const { stdout, stderr } = look(path)
    expect(Number(stdout), `${program}: ${stderr}`).toBe(5)
  }
  child.say('go')
  await child.lineCount(6 + random.whole(1, 40))
  child.kill()
  await child.ended
  const acknowledged = child.lines.filter((line) => line.startsWith('m-'))
  await using store = await openStore(url)
  const found = await store.messages.getMany(acknowledged)
  expect(acknowledged.filter((id) => !found.has(id))).toEqual([])
  expect((await store.doctor()).ok).toBe(true)
  return acknowledged.length
}

describe.skipIf(programs.length === 0).each(['wal', 'delete'])('journal=%s', (journal) => {
  test.each(ways)('L1: nothing is lost after %s', { timeout: 60_000 * ROUNDS }, async (way) => {
    const first = firstSeed()
    let acknowledged = 0
    for (let seed = first; seed < first + ROUNDS; seed += 1) {
      try {
        acknowledged += await round(way, journal, seed)
      } catch (error) {
        throw new Error(`${way}, journal=${journal} (PURSER_SEED=${seed}): ${(error as Error).message}`, {
          cause: error,
        })
      }
    }
    console.log(
      `${way}, journal=${journal}: ${ROUNDS} rounds, ${acknowledged} writes acknowledged, none lost`,
    )
  })

  test.skipIf(!hasPython).each(ways.filter((way) => way !== 'a backup'))(
    'L1: a transaction keeps its lock during %s',
    async (way) => {
      const folder = scratchFolder()
      const path = `${folder}/purser.db`
      const url = `sqlite:${path}?journal=${journal}`
      const child = startChild('second-opening', [url, way, folder, 'inside'])
      await child.line('opened')
      const { stdout } = spawnSync('python3', ['-c', BEGIN, path], { encoding: 'utf8' })
      expect(stdout.trim()).toBe('database is locked')
      child.say('go')
      await child.lineCount(7)
      child.kill()
      await child.ended
      await using store = await openStore(url)
      expect(await store.messages.count()).toBeGreaterThanOrEqual(7)
    },
  )
})
