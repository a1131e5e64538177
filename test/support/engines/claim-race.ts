// Eight workers in four processes on tasks with dependencies, of which one process after another is
// killed, or stopped for longer than its leases and then goes on.

import { expect } from 'vitest'
import { openStore } from '../../../src/index.ts'
import { type Child, startChild } from '../child-process.ts'

const PROCESSES = 4
/** Milliseconds; tasks of a killed process wait so long. */
const LEASE = 1000

/** Fails unless each task was completed once, with attempts and an audit trail that say so. */
export async function raceOfWorkers(url: string, count: number): Promise<void> {
  await using store = await openStore(url)
  const ids = Array.from({ length: count }, (_, index) => `t-${index}`)
  for (let start = 0; start < count; start += 500) {
    await store.tasks.createMany(
      ids.slice(start, start + 500).map((id, place) => {
        const index = start + place
        // Chains and diamonds; a third depends on nothing.
        const before = index % 3 === 0 ? [] : [index - 1, index - 2 - (index % 5)].filter((one) => one >= 0)
        return {
          ...{ id, title: id, description: 'x', project: 'race', createdBy: 'lead', type: 'admin' },
          ...{ maxRetries: 1000, dependencies: before.map((one) => `t-${one}`) },
        } as const
      }),
    )
  }
  let started = 0
  const start = () => {
    started += 1
    return startChild('claim-worker', [url, `p${started}`, LEASE])
  }
  const children = Array.from({ length: PROCESSES }, start)
  const everyone: Child[] = [...children]
  await Promise.all(children.map((child) => child.line('ready')))
  const open = { status: ['created', 'assigned', 'interrupted', 'in_progress'] } as const
  let kills = 0
  // The last part is left to whoever is there, so that it ends.
  for (let turn = 0; (await store.tasks.count(open)) > count / 10; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 400))
    const place = turn % PROCESSES
    const victim = children[place] as Child
    // A process may take longer to start than it would live, and then nothing is worked on.
    await victim.line('ready')
    if (turn % 3 === 2) {
      victim.process.kill('SIGSTOP')
      await new Promise((resolve) => setTimeout(resolve, LEASE * 1.5))
      victim.process.kill('SIGCONT')
    } else {
      victim.kill()
      kills += 1
      await victim.ended
      const next = start()
      children[place] = next
      everyone.push(next)
    }
  }
  for (const child of children) {
    const { code, errors } = await child.ended
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
  }
  expect(kills).toBeGreaterThan(0)
  const acknowledged = everyone.flatMap(({ lines }) =>
    lines.flatMap((line) => (line.startsWith('done ') ? [line.split(' ')[1] ?? ''] : [])),
  )
  expect(new Set(acknowledged).size, 'a task is acknowledged once').toBe(acknowledged.length)
  expect(await store.tasks.counts({ by: 'status' })).toEqual([{ status: 'completed', count }])
  const claims = new Map<string, number>()
  const completions = new Map<string, number>()
  const order = new Map<string, number>()
  for await (const { action, taskId, sequence } of store.audit.each()) {
    const id = String(taskId)
    if (action === 'task:claim') claims.set(id, (claims.get(id) ?? 0) + 1)
    if (action !== 'task:complete') continue
    completions.set(id, (completions.get(id) ?? 0) + 1)
    order.set(id, sequence)
  }
  for await (const { id, attempt, claimId, lastError, dependencies } of store.tasks.each()) {
    expect([id, completions.get(id), claims.get(id), claimId, lastError]).toEqual([
      id,
      1,
      attempt,
      null,
      null,
    ])
    for (const one of dependencies) expect(order.get(one)).toBeLessThan(order.get(id) ?? 0)
  }
  for (const id of acknowledged) expect(completions.get(id)).toBe(1)
  expect(await store.audit.verify()).toMatchObject({ ok: true })
  const { checks } = await store.doctor({ only: ['task queue', 'task dependencies', 'task claims'] })
  expect(checks.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok'])
}
