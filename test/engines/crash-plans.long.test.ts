// A process in which 64 callers create, move, cancel and delete plans is killed with SIGKILL, again
// and again on one file. After each death nothing that was acknowledged is missing, the audit chain
// holds, each move has its entry and each entry its move.

import { expect, test } from 'vitest'
import { type AuditHead, openStore, type Store } from '../../src/index.ts'
import { startChild } from '../support/child-process.ts'
import { sound, soundness, withDatabase } from '../support/database-content.ts'
import { scratchFile } from '../support/scratch.ts'

const ROUNDS = 10

/** What the children said was stored. */
class Acknowledged {
  readonly plans = new Map<string, { version: number; place: string }>()
  readonly trees = new Set<string>()
  readonly deleted = new Set<string>()
  head: AuditHead | undefined

  note(line: string): void {
    const [kind, id = '', more = '', place = ''] = line.split(' ')
    if (kind === 'v') this.plans.set(id, { version: Number(more), place })
    if (kind === 't') this.trees.add(id)
    if (kind === 'd') this.deleted.add(id)
    if (kind === 'h') this.head = { sequence: Number(id), hash: more }
  }
}

interface Found {
  readonly id: string
  readonly root: string
  readonly place: string
  readonly version: number
}

interface Entry {
  readonly planId: string
  readonly action: string
  readonly to: string | null
  readonly version: number | null
}

function readAll(path: string): { plans: ReadonlyMap<string, Found>; entries: ReadonlyMap<string, Entry[]> } {
  return withDatabase(path, (handle) => {
    const plans = handle
      .prepare(
        "SELECT plan_id AS id, root_plan_id AS root, phase || '/' || state AS place, version FROM plans",
      )
      .all() as Found[]
    const rows = handle
      .prepare(
        "SELECT plan_id AS planId, action, details ->> '$.to' AS \"to\", details ->> '$.version' AS version FROM audit_entries ORDER BY sequence",
      )
      .all() as Entry[]
    const entries = new Map<string, Entry[]>()
    for (const row of rows) entries.set(row.planId, [...(entries.get(row.planId) ?? []), row])
    return { plans: new Map(plans.map((plan) => [plan.id, plan])), entries }
  })
}

async function check(path: string, store: Store, acknowledged: Acknowledged): Promise<void> {
  expect(soundness(path)).toEqual(sound)
  const { plans, entries } = readAll(path)
  for (const [id, { version, place }] of acknowledged.plans) {
    const plan = plans.get(id)
    expect(plan?.version, `plan ${id}`).toBeGreaterThanOrEqual(version)
    if (plan?.version === version) expect(plan.place).toBe(place)
  }
  for (const id of acknowledged.trees) {
    if (plans.has(id)) expect(plans.get(id)?.place).toBe('action/cancelled')
  }
  for (const id of acknowledged.deleted) expect(plans.has(id), `deleted ${id}`).toBe(false)

  // Each plan's entries tell its whole way, and end where it stands.
  for (const { id, place, version } of plans.values()) {
    const own = entries.get(id) ?? []
    expect(own.map((entry) => entry.version)).toEqual(
      Array.from({ length: version }, (_, index) => index + 1),
    )
    expect(own[0]?.action).toBe('plan:create')
    if (version > 1) expect(own.at(-1)?.to).toBe(place)
  }
  // Each plan that went, alone or with a tree, has its entry.
  const deleted = [...entries.values()]
    .flat()
    .filter(({ action }) => action === 'plan:delete')
    .map(({ planId }) => planId)
  const gone = [...entries.keys()].filter((id) => !plans.has(id))
  expect(deleted.toSorted()).toEqual(gone.toSorted())

  // A tree is cancelled whole or not at all.
  const trees = new Map<string, Set<string>>()
  for (const { id, root, place } of plans.values()) {
    if (id !== root) trees.set(root, (trees.get(root) ?? new Set([plans.get(root)?.place ?? ''])).add(place))
  }
  for (const [root, places] of trees) expect([...places], `tree ${root}`).toHaveLength(1)

  const verified = await store.audit.verify(acknowledged.head ? { expectedHead: acknowledged.head } : {})
  expect(verified).toMatchObject({ ok: true, problem: null })
  expect(verified.checked).toBe([...entries.values()].flat().length)
}

test('whatever moment a process dies at, plans and their entries agree', { timeout: 240_000 }, async () => {
  const path = scratchFile()
  const acknowledged = new Acknowledged()
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = startChild('move-plans', [path, round])
    await child.line('ready')
    // Killed by what it has printed, at another point each time.
    await child.lineCount(30 + round * 97)
    child.kill()
    const { signal, errors } = await child.ended
    expect({ signal, errors }).toEqual({ signal: 'SIGKILL', errors: '' })
    for (const line of child.lines) acknowledged.note(line)
    const store = await openStore({ url: `sqlite:${path}`, enforce: 'record' })
    await check(path, store, acknowledged)
    // The next writer goes on where the dead one stopped.
    const plan = await store.plans.create({
      name: `local/after-${round}`,
      actionName: 'label',
      description: 'd',
    })
    await store.plans.use(plan.planId, plan)
    await store.close()
  }
  expect(acknowledged.plans.size).toBeGreaterThan(100)
  expect(acknowledged.trees.size).toBeGreaterThan(5)
  expect(acknowledged.deleted.size).toBeGreaterThan(2)
})
