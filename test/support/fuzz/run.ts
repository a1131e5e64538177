// One store beside another: the same calls, with the same hostile arguments, on an engine and on
// SQLite in memory. What a call comes to is held against what every call has to come to, and
// against the other store.

import { setTimeout as delay } from 'node:timers/promises'
import { inspect, isDeepStrictEqual } from 'node:util'
import { isProxy } from 'node:util/types'
import { openStore, PersistenceError, type Store } from '../../../src/index.ts'
import { randomFrom } from '../loss/random.ts'
import { type Called, callsOf, furnish } from './calls.ts'
import { hostile, MARK, type Path, spoiled } from './hostile.ts'

/** Milliseconds that a call may take. */
const PATIENCE = 30_000

/** Milliseconds without an item, after which an iteration counts as one that waits. */
const WAITS_AFTER = 1000

type Outcome =
  | { readonly kind: 'given'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly error: unknown }

/** A call that is made: on a store, on one that acts for somebody, or in a transaction. */
interface Made {
  readonly call: Called
  readonly way: 'direct' | 'as' | 'transaction'
  readonly path: Path
  readonly args: readonly unknown[]
}

export interface Tally {
  readonly calls: number
  readonly stored: number
  readonly refused: number
  readonly methods: number
  readonly slowest: { readonly name: string; readonly milliseconds: number }
  readonly faults: readonly string[]
}

export async function fuzz(store: Store, seed: number, calls: number): Promise<Tally> {
  await using reference = await openStore('sqlite::memory:')
  for (const each of [store, reference]) await furnish(each)
  const methods = callsOf(store)
  const faults: string[] = []
  const counts = { stored: 0, refused: 0 }
  let slowest = { name: '', milliseconds: 0 }
  for (let turn = 0; turn < calls; turn += 1) {
    const name = (made: Made) =>
      `call ${turn} of seed ${seed}: ${made.call.name} (${made.way}) at ${made.path.join('.')}`
    const here = madeFrom(methods, seed, turn)
    const started = performance.now()
    const outcome = await outcomeOf(store, here)
    const milliseconds = performance.now() - started
    if (milliseconds > slowest.milliseconds) slowest = { name: name(here), milliseconds }
    counts[outcome.kind === 'given' ? 'stored' : 'refused'] += 1
    const found = [
      ...faultsOf(outcome, here),
      ...(await unlikeGiven(store, outcome, madeFrom(methods, seed, turn))),
    ]
    const other = await outcomeOf(reference, madeFrom(methods, seed, turn))
    if (codeOf(other) !== codeOf(outcome))
      found.push(`${codeOf(outcome)}, and on SQLite in memory ${codeOf(other)}`)
    if (turn % 50 === 0 || found.length > 0) found.push(...(await unwell(store)))
    faults.push(...found.map((fault) => `${name(here)}: ${fault}`))
  }
  faults.push(...(await unwell(store)))
  return { calls, ...counts, methods: methods.length, slowest, faults }
}

/** The same, each time it is asked for. */
function madeFrom(methods: readonly Called[], seed: number, turn: number): Made {
  const random = randomFrom(seed * 1_000_003 + turn)
  const call = random.pick(methods)
  const way = random.pick(['direct', 'direct', 'direct', 'as', 'transaction'] as const)
  const good = call.good({ random, unique: `${seed}-${turn}` })
  if (random.chance(0.15)) return { call, way, path: ['*'], args: good.map(() => hostile(random)) }
  const { value: args, path } = spoiled(good, random)
  // Of these no value may be one that is meant.
  if (call.name === 'migrate' && isVersion(args[0])) return { call, way, path, args: [{ to: 0 }] }
  return { call, way, path, args }
}

function isVersion(options: unknown): boolean {
  return (
    typeof options === 'object' &&
    options !== null &&
    !isProxy(options) &&
    Object.getOwnPropertyDescriptor(options, 'to') !== undefined
  )
}

async function outcomeOf(store: Store, made: Made): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'refused', error: `no answer within ${PATIENCE} ms` }), PATIENCE)
  })
  try {
    return await Promise.race([settled(store, made), late])
  } finally {
    clearTimeout(timer)
  }
}

class Undone extends Error {}

async function settled(store: Store, made: Made): Promise<Outcome> {
  const way = isOfStore(made.call.name) ? 'direct' : made.way
  if (way !== 'transaction') return called(way === 'as' ? store.as('fuzz') : store, made)
  let outcome: Outcome | undefined
  try {
    await store.transaction(async (tx) => {
      outcome = await called(tx, made)
      if (outcome.kind === 'refused') throw new Undone()
    })
  } catch (error) {
    if (!(error instanceof Undone)) return { kind: 'refused', error }
  }
  return outcome ?? { kind: 'refused', error: 'the transaction did not call it' }
}

/** The first ones; none, if it waits for what does not come. */
async function itemsOf(iterable: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const items: unknown[] = []
  const iterator = iterable[Symbol.asyncIterator]()
  const waits = { done: true, value: undefined }
  while (items.length < 20) {
    const { done, value } = await Promise.race([iterator.next(), delay(WAITS_AFTER, waits, { ref: false })])
    if (done) return items
    items.push(value)
  }
  await iterator.return?.()
  return items
}

/** What only a store has, not one that acts for somebody, nor a transaction. */
function isOfStore(name: string): boolean {
  return !name.includes('.') || /^(changes|retention)\./.test(name)
}

async function called(target: object, { call, args }: Made): Promise<Outcome> {
  try {
    const [holder, method] = call.name.includes('.') ? call.name.split('.') : [undefined, call.name]
    const on = holder === undefined ? target : (Reflect.get(target, holder) as object)
    const result: unknown = (Reflect.get(on, String(method)) as (...given: unknown[]) => unknown).apply(on, [
      ...args,
    ])
    if (typeof result === 'function') result()
    if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result)
      return { kind: 'given', value: await itemsOf(result as AsyncIterable<unknown>) }
    return { kind: 'given', value: await result }
  } catch (error) {
    return { kind: 'refused', error }
  }
}

function codeOf(outcome: Outcome): string {
  if (outcome.kind === 'given') return 'an answer'
  return outcome.error instanceof PersistenceError ? outcome.error.code : String(outcome.error).slice(0, 80)
}

/** Values that stand in messages, for whoever looks for the record. */
const named: ReadonlySet<string> = new Set([
  'RECORD_NOT_FOUND',
  'DUPLICATE_RECORD',
  'VERSION_CONFLICT',
  'INVALID_TRANSITION',
  'CONSTRAINT_VIOLATION',
  'LEASE_LOST',
])

function faultsOf(outcome: Outcome, { call, path }: Made): readonly string[] {
  if (outcome.kind === 'given') return []
  const { error } = outcome
  if (!(error instanceof PersistenceError)) {
    // What the work of a transaction, or a listener to progress, throws is its caller's.
    if ((call.name === 'transaction' || path.includes('onProgress')) && error instanceof TypeError) return []
    return [`not of the closed set: ${error instanceof Error ? error.stack : String(error)}`]
  }
  const faults: string[] = []
  const told = `${error.message}\n${error.stack}\n${JSON.stringify(error)}`
  if (told.includes(MARK) && !named.has(error.code))
    faults.push(`repeats what it was given: ${error.message}`)
  if (error.message.length > 3000) faults.push(`has a message of ${error.message.length} characters`)
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause)
    if (cause.message.includes(MARK) && !named.has(error.code))
      faults.push(`its cause repeats what it was given: ${cause.message.slice(0, 300)}`)
  return faults
}

const storing =
  /^(tasks|plans|actions|automationProfiles|costRecords|messages|audit)\.(create|append|save|update|createMany|appendMany|transition|fail|cancel)$/

const managed: ReadonlySet<string> = new Set(['version', 'unreadable', 'createdAt', 'updatedAt'])

/** What a call says that it stored is what is found, and what it was given. */
async function unlikeGiven(
  store: Store,
  outcome: Outcome,
  { call, path, args }: Made,
): Promise<readonly string[]> {
  if (outcome.kind === 'refused' || !storing.test(call.name)) return []
  const [holder, method] = call.name.split('.') as [keyof Store, string]
  const isMany = method.endsWith('Many')
  const records = (isMany ? outcome.value : [outcome.value]) as readonly Readonly<Record<string, unknown>>[]
  const faults: string[] = []
  const { get } = { get: (id: string) => (store[holder] as { get(id: string): Promise<unknown> }).get(id) }
  for (const record of records) {
    const id = String(
      record.planId !== undefined && holder === 'plans' ? record.planId : (record.id ?? record.name),
    )
    const found = await get(id)
    if (!isDeepStrictEqual(found, record))
      faults.push(`gave back what is not stored: ${differing(found, record)}`)
  }
  const at = isMany ? path.slice(2) : path.slice(1)
  const isTaken = !(method === 'save' && managed.has(String(path[1])))
  const isInput = isTaken && path[0] === (['update', 'transition', 'fail', 'cancel'].includes(method) ? 1 : 0)
  if (!isInput || at.length === 0 || method === 'transition' || method === 'fail' || method === 'cancel')
    return faults
  const base = holder === 'automationProfiles' ? (records[0]?.profile as object) : records[0]
  const stored = valueAt(base, at)
  const given = valueAt(args, path)
  // Null of what has a default of its own means the default.
  if (given !== undefined && given !== null && stored !== undefined && !isSame(given, stored))
    faults.push(`stored ${text(stored)} for ${text(given)}`)
  return faults
}

function differing(one: unknown, other: Readonly<Record<string, unknown>>): string {
  if (typeof one !== 'object' || one === null) return `there is ${String(one)}`
  return Object.keys(other)
    .filter((key) => !isDeepStrictEqual(Reflect.get(one, key), other[key]))
    .join(', ')
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value
  for (const key of path)
    found = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined
  return found
}

/**
 * Equal as JSON has it, of an object what was given of it; instants and money have several
 * spellings.
 */
function isSame(given: unknown, stored: unknown): boolean {
  // What answers otherwise each time is stored as it was the first time.
  if (typeof given === 'symbol') return true
  if (stored instanceof Date) return new Date(given as string | Date).getTime() === stored.getTime()
  // Of money nine digits behind the point are kept.
  if (typeof stored === 'string' && Math.abs(Number(stored) - Number(given)) < 1e-9) return true
  if (Array.isArray(given) || typeof given !== 'object' || given === null || Array.isArray(stored))
    return isDeepStrictEqual(asJson(given), asJson(stored))
  const keys = Object.keys(given).filter((key) => Reflect.get(given, key) !== undefined)
  return (
    typeof stored === 'object' &&
    stored !== null &&
    keys.every((key) => isSame(Reflect.get(given, key), Reflect.get(stored, key)))
  )
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? 'null')

const text = (value: unknown) => inspect(value).slice(0, 100)

/**
 * Whether something was left behind: a transaction that stands open, a lock, a prototype that was
 * changed.
 */
async function unwell(store: Store): Promise<readonly string[]> {
  const faults: string[] = []
  if ('polluted' in {}) faults.push('every object has a new property')
  const { ok, error } = await store.healthCheck()
  if (!ok) faults.push(`the store is not well: ${error}`)
  await store
    .transaction(async (tx) => tx.tasks.delete('nobody'))
    .catch((reason: unknown) => faults.push(`no transaction: ${String(reason)}`))
  return faults
}
