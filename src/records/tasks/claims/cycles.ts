// Dependencies must not form a cycle. Whoever writes some takes a lock first, so that two writers
// cannot close a cycle together that neither of them sees, and looks at everything that the changed
// tasks depend on, after the write and before the commit.

import { InvalidRecordError } from '../../../errors.ts'
import type { RecordSession, Runner } from '../../repository/session.ts'
import { padded } from '../../repository/statements.ts'
import { DEPENDENCIES } from './work-queue.ts'

/** The row of the ledger that says that there are dependencies: every database has it. */
const LOCK = 'select version from purser_migrations where version = 15'

/** The most tasks of one query. */
const CHUNK = 256
/** The most ids that a message names. */
const MAX_NAMED = 20

/** Makes other writers of dependencies wait until this transaction ends. */
export async function lockDependencies({ engine, statements }: RecordSession, runner: Runner): Promise<void> {
  const sql = `${LOCK} ${engine.locking.rows}`.trimEnd()
  await runner.read(statements.raw(sql, sql, []))
}

/**
 * @param tasks whose dependencies were written in this transaction
 * @throws InvalidRecordError with the code `cycle` and the ids of the cycle
 */
export async function assertAcyclic(
  session: RecordSession,
  runner: Runner,
  tasks: readonly string[],
): Promise<void> {
  const edges = new Map<string, Set<string>>()
  const next = session.engine.matching.lookUp(DEPENDENCIES, 'task', 'reached.id')
  for (let start = 0; start < tasks.length; start += CHUNK) {
    const ids = padded(tasks.slice(start, start + CHUNK))
    const slots = ids.map(() => '?').join(', ')
    const sql = `with recursive reached (id) as (select task from ${DEPENDENCIES} where task in (${slots}) union select edge.dependency from reached ${next}) select edge.task, edge.dependency from reached ${next}`
    for (const [task, dependency] of await runner.read(session.statements.raw(sql, sql, ids))) {
      const known = edges.get(String(task))
      if (known) known.add(String(dependency))
      else edges.set(String(task), new Set([String(dependency)]))
    }
  }
  const cycle = findCycle(edges, tasks)
  if (cycle === undefined) return
  const named = cycle.slice(0, MAX_NAMED).map((id) => JSON.stringify(id))
  const more = cycle.length - named.length
  const message = `must not form a cycle: ${named.join(' depends on ')}${more > 0 ? `, and so on over ${more} more,` : ''} depends on ${named[0]}`
  throw new InvalidRecordError('task', [{ path: ['dependencies'], code: 'cycle', message, ids: cycle }])
}

/** The shortest cycle through the first of the tasks that is in one; undefined if none is. */
export function findCycle(
  edges: ReadonlyMap<string, ReadonlySet<string>>,
  tasks: readonly string[],
): readonly string[] | undefined {
  const inCycles = membersOfCycles(edges)
  const start = tasks.find((task) => inCycles.has(task))
  if (start === undefined) return undefined
  const cameFrom = new Map<string, string>()
  let level = [start]
  while (level.length > 0) {
    const next: string[] = []
    for (const id of level) {
      for (const to of edges.get(id) ?? []) {
        if (to === start) return pathTo(cameFrom, id)
        if (cameFrom.has(to)) continue
        cameFrom.set(to, id)
        next.push(to)
      }
    }
    level = next
  }
  return undefined
}

function pathTo(cameFrom: ReadonlyMap<string, string>, end: string): readonly string[] {
  const path: string[] = []
  for (let id: string | undefined = end; id !== undefined; id = cameFrom.get(id)) path.push(id)
  return path.reverse()
}

/** Tarjan's strongly connected components, without recursion: a chain may be of any length. */
export function membersOfCycles(edges: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const members = new Set<string>()
  const numbers = new Map<string, number>()
  const lows = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()
  for (const root of edges.keys()) {
    if (numbers.has(root)) continue
    const walk = [visit(root)]
    for (let top = walk.at(-1); top !== undefined; top = walk.at(-1)) {
      const { value: to, done } = top.left.next()
      if (done !== true) {
        if (!numbers.has(to)) walk.push(visit(to))
        else if (isOpen.has(to)) lower(top.id, numbers.get(to) ?? 0)
        continue
      }
      walk.pop()
      const low = lows.get(top.id) ?? 0
      const parent = walk.at(-1)
      if (parent) lower(parent.id, low)
      if (low === numbers.get(top.id)) close(top.id)
    }
  }
  return members

  function visit(id: string) {
    numbers.set(id, numbers.size)
    lows.set(id, numbers.size - 1)
    open.push(id)
    isOpen.add(id)
    return { id, left: (edges.get(id) ?? new Set<string>())[Symbol.iterator]() }
  }

  function lower(id: string, to: number): void {
    lows.set(id, Math.min(lows.get(id) ?? to, to))
  }

  function close(id: string): void {
    const component = open.splice(open.lastIndexOf(id))
    for (const member of component) isOpen.delete(member)
    const isCycle = component.length > 1 || edges.get(id)?.has(id) === true
    if (isCycle) for (const member of component) members.add(member)
  }
}

/**
 * Dependencies of a task that another one may name: of an existing one, or a new one whose id the
 * caller has chosen.
 */
export function mayCloseCycle(input: unknown): boolean {
  const { id, dependencies } = input as { id?: unknown; dependencies?: readonly unknown[] }
  return id !== undefined && (dependencies?.length ?? 0) > 0
}
