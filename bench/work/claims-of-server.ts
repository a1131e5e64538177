// Rows about claims on PostgreSQL, against the queues of other projects: pg-boss and
// graphile-worker, each in a schema on the same server, with jobs of the same size, at the same
// durability, in the same rounds. Without a server there are no rows.

import pg from 'pg'
import { openStore, type Store } from '../../src/index.ts'
import { newTasks } from '../inputs.ts'
import { type Compare, takeTurnsAmong } from '../measure.ts'
import { openGraphileWorker } from '../peers/graphile-worker.ts'
import { NOT_INSTALLED, type Peer } from '../peers/peer.ts'
import { openPgBoss } from '../peers/pg-boss.ts'
import type { Row } from '../row.ts'
import { claimAndComplete, WORKERS } from './claimed.ts'

const server = process.env.PURSER_TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1/postgres'
const ROUNDS = 7
/** Tasks of a round, one at a time and several at once. */
const COUNT = 800
const AT_ONCE = 50

export async function* claimRowsOfServer(): AsyncGenerator<Row> {
  const schemas = ['', '_boss', '_graphile'].map((suffix) => `bench_work${process.pid}${suffix}`)
  const [own = '', ofBoss = '', ofGraphile = ''] = schemas
  const admin = new pg.Client({ connectionString: server })
  const reachable = await admin.connect().then(
    () => true,
    () => false,
  )
  if (!reachable) {
    process.stderr.write('no PostgreSQL answers: the rows about claims on it are left out\n')
    return
  }
  // A commit waits for the disk, whatever the server's default: the store sees to that itself.
  const durable = new URL(server)
  durable.searchParams.set('options', '-c synchronous_commit=on')
  try {
    await using store = await openStore(`${server}?schema=${own}`)
    const boss = await openPgBoss(durable.href, ofBoss)
    const graphile = await openGraphileWorker(durable.href, ofGraphile)
    try {
      yield* rows(store, { 'pg-boss': boss, 'graphile-worker': graphile })
    } finally {
      await boss?.close()
      await graphile?.close()
    }
  } finally {
    for (const schema of schemas) await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
    await admin.end()
  }
}

async function* rows(store: Store, peers: Readonly<Record<string, Peer | undefined>>): AsyncGenerator<Row> {
  const contenders: Record<string, () => Promise<number>> = {
    single: () => claimAndComplete(store, COUNT, 1),
    several: () => claimAndComplete(store, 2 * COUNT, AT_ONCE),
  }
  for (const [name, peer] of Object.entries(peers)) {
    if (!peer) continue
    const work = async (count: number, atOnce: number) => {
      await peer.add(newTasks(count))
      return peer.work(count, WORKERS, atOnce)
    }
    contenders[`${name} single`] = () => work(COUNT, 1)
    contenders[`${name} several`] = () => work(2 * COUNT, AT_ONCE)
  }
  const compare = await takeTurnsAmong(ROUNDS, contenders)
  const single = `PostgreSQL: claim + complete, ${WORKERS} workers, one at a time`
  const several = `PostgreSQL: claim of ${AT_ONCE} at once + complete each, ${WORKERS} workers`
  const row = (workload: string, ours: string, other: string, ratio: number | undefined): Row => ({
    workload,
    unit: 'µs',
    target: ratio === undefined ? { kind: 'none' } : { kind: 'at least', ratio },
    ...compare(ours, other),
  })
  yield row(`${several}, against one at a time`, 'several', 'single', 2)
  for (const [name, peer] of Object.entries(peers)) {
    if (!peer) {
      yield alone(compare, 'single', `${single}, against ${name}`)
      yield alone(compare, 'several', `${several}, against one at a time by ${name}`)
      continue
    }
    yield row(`${single}, against ${peer.name}`, 'single', `${name} single`, 1)
    yield row(`${several}, against one at a time by ${peer.name}`, 'several', `${name} single`, 2)
    yield row(`${several}, against as many by ${peer.name}`, 'several', `${name} several`, undefined)
  }
}

/** A row without the peer that it should be compared with. */
function alone(compare: Compare<string>, name: string, workload: string): Row {
  const { ours } = compare(name, name)
  return {
    workload,
    unit: 'µs',
    ours,
    raw: null,
    ratio: null,
    target: { kind: 'none' },
    missing: NOT_INSTALLED,
  }
}
