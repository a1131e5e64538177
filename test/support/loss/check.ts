// Holds a place against what its writers have noted, once they are dead: everything acknowledged is
// there with its content, what belongs together is there whole or not at all, and the database's
// own order (sums, chain, schema, references) is as it should be.

import { isDeepStrictEqual } from 'node:util'
import { parseMoney, type Store } from '../../../src/index.ts'
import { type Kind, type Note, type Part, repositoryOf } from './journal.ts'
import { WRITERS_AGENT } from './writes.ts'

type Found = Readonly<Record<string, unknown>>
type Everything = Readonly<Record<Kind, ReadonlyMap<string, Found>>>

const keyOf: Readonly<Record<Kind, string>> = {
  task: 'id',
  message: 'id',
  cost: 'id',
  entry: 'id',
  plan: 'planId',
  action: 'name',
  profile: 'name',
}

/** @returns a sentence for each thing that is not as it should be; none when nothing was lost */
export async function faultsOf(store: Store, notes: readonly Note[]): Promise<readonly string[]> {
  const found = await everything(store)
  return [
    ...lost(found, notes),
    ...halves(found, notes),
    ...unlikeTrees(found, notes),
    ...wrongWays(found),
    ...(await wrongSums(store, found)),
    ...(await disorder(store, notes)),
  ]
}

async function everything(store: Store): Promise<Everything> {
  const kinds = Object.entries(repositoryOf) as [Kind, (typeof repositoryOf)[Kind]][]
  const all: [Kind, ReadonlyMap<string, Found>][] = []
  for (const [kind, name] of kinds) {
    const repository = store[name]
    const records: AsyncIterable<unknown> | readonly unknown[] =
      'each' in repository ? repository.each() : await repository.list()
    const byKey = new Map<string, Found>()
    for await (const record of records) {
      const plain = JSON.parse(JSON.stringify(record)) as Found
      byKey.set(String(plain[keyOf[kind]]), plain)
    }
    all.push([kind, byKey])
  }
  return Object.fromEntries(all) as Record<Kind, ReadonlyMap<string, Found>>
}

function lost(found: Everything, notes: readonly Note[]): readonly string[] {
  const last = new Map<string, Extract<Note, { is: 'stored' }>>()
  const leaving = new Set<string>()
  const removed = new Set<string>()
  for (const note of notes) {
    if (note.is === 'stored') last.set(`${note.kind} ${note.id}`, note)
    if (note.is === 'leaving') leaving.add(`${note.kind} ${note.id}`)
    if (note.is === 'removed') removed.add(`${note.kind} ${note.id}`)
  }
  const faults: string[] = []
  for (const [what, { kind, id, record }] of last) {
    const there = found[kind].get(id)
    if (!there) {
      if (!leaving.has(what)) faults.push(`${what} was acknowledged and is not there`)
      continue
    }
    const [version, acknowledged] = [Number(there.version ?? 1), Number((record as Found).version ?? 1)]
    if (version < acknowledged)
      faults.push(`${what} was acknowledged at version ${acknowledged} and is at ${version}`)
    if (version === acknowledged && !isDeepStrictEqual(there, record))
      faults.push(`${what} is not what was acknowledged`)
  }
  for (const what of removed) {
    const [kind, ...id] = what.split(' ')
    if (found[kind as Kind].has(id.join(' '))) faults.push(`${what} was removed and is there`)
  }
  return faults
}

function halves(found: Everything, notes: readonly Note[]): readonly string[] {
  const left = ([kind, id]: Part) => found[kind].has(id)
  return notes.flatMap((note) => {
    if (note.is === 'undone') {
      return note.parts.filter(left).map((part) => `${part.join(' ')} was undone and is there`)
    }
    if (note.is !== 'together') return []
    const count = note.parts.filter(left).length
    // A part of a list may be removed by itself later; those are trees, which go as a whole too.
    return count === 0 || count === note.parts.length
      ? []
      : [`${count} of ${note.parts.length} that belong together are there: ${note.parts[0]?.join(' ')} …`]
  })
}

function unlikeTrees(found: Everything, notes: readonly Note[]): readonly string[] {
  return notes.flatMap((note) => {
    if (note.is !== 'tree' && note.is !== 'cancelled') return []
    const states = note.ids.flatMap((id) => found.plan.get(id)?.state ?? [])
    const isFit =
      note.is === 'tree' ? new Set(states).size <= 1 : states.every((state) => state === 'cancelled')
    return isFit ? [] : [`the tree ${note.ids[0]} was cancelled in part: ${states.join(', ')}`]
  })
}

/** A plan's entries tell its whole way, one for each version, and end where it is. */
function wrongWays({ plan: plans, entry: entries }: Everything): readonly string[] {
  const ways = new Map<string, { version: unknown; to: unknown }[]>()
  for (const { planId, action, details } of entries.values()) {
    if (typeof planId !== 'string' || !String(action).startsWith('plan:')) continue
    const { version, to } = (details ?? {}) as Found
    if (version !== undefined) ways.set(planId, [...(ways.get(planId) ?? []), { version, to }])
  }
  const faults: string[] = []
  for (const [id, { version, phase, state }] of plans) {
    // Newest first.
    const way = (ways.get(id) ?? []).toReversed()
    const told = way.map((entry) => Number(entry.version))
    const expected = Array.from({ length: Number(version) }, (_, index) => index + 1)
    if (way.length > 0 && !isDeepStrictEqual(told, expected))
      faults.push(`plan ${id} is at version ${version}, its entries tell of ${told.join(', ')}`)
    const to = way.at(-1)?.to
    if (to !== undefined && to !== `${phase}/${state}`)
      faults.push(`plan ${id} is not where its last entry says`)
  }
  return faults
}

/** Costs of others may have been pruned; the doctor knows their sums. */
async function wrongSums(store: Store, { cost: costs }: Everything): Promise<readonly string[]> {
  const sums = new Map<string, { cost: bigint; records: number }>()
  for (const { agentId, currency, cost } of costs.values()) {
    if (!String(agentId).startsWith(WRITERS_AGENT)) continue
    const name = JSON.stringify([agentId, currency])
    const sum = sums.get(name) ?? { cost: 0n, records: 0 }
    const amount = parseMoney(String(cost))
    if (typeof amount === 'bigint') sums.set(name, { cost: sum.cost + amount, records: sum.records + 1 })
  }
  const totals = await store.costRecords.aggregate({}, { by: ['agent', 'currency'] })
  const written = totals.filter(({ agent }) => agent?.startsWith(WRITERS_AGENT))
  const faults = written.flatMap((total) => {
    const name = JSON.stringify([total.agent, total.currency])
    const sum = sums.get(name)
    sums.delete(name)
    return sum && sum.records === total.records && sum.cost === parseMoney(total.cost)
      ? []
      : [
          `the total of ${name} says ${total.cost} in ${total.records} records; there are ${sum?.records ?? 0}`,
        ]
  })
  return [...faults, ...[...sums.keys()].map((name) => `there is no total of ${name}`)]
}

async function disorder(store: Store, notes: readonly Note[]): Promise<readonly string[]> {
  const { checks } = await store.doctor()
  const failed = checks.filter(({ status }) => status === 'fail')
  const drift = await store.drift()
  const heads = notes.filter((note) => note.is === 'head')
  const head = heads.reduce<(typeof heads)[number] | undefined>(
    (last, note) => (last && last.sequence > note.sequence ? last : note),
    undefined,
  )
  const expectedHead = head && { sequence: head.sequence, hash: head.hash }
  const verified = await store.audit.verify(expectedHead ? { expectedHead } : {})
  return [
    ...failed.map(({ name, detail }) => `doctor, ${name}: ${detail}`),
    ...drift.map((difference) => `drift: ${JSON.stringify(difference)}`),
    ...(verified.ok ? [] : [`the audit trail: ${JSON.stringify(verified.problem)}`]),
  ]
}
