// The writes that a process mixes: every kind of record, one at a time, by lists, in transactions
// and nested ones, kept and undone. Each notes what it is about to do where that may be found half
// done, and what was acknowledged as soon as it is.

import { ulid } from 'ulid'
import {
  newAction,
  newCost,
  newEntry,
  newMessage,
  newPlan,
  newProfile,
  newTask,
} from '../../../src/conformance/support/samples.ts'
import type { Plan, Store, Transaction } from '../../../src/index.ts'
import type { Kind, Note, Part } from './journal.ts'
import type { Random } from './random.ts'

/** What names of agents in costs of writers begin with. */
export const WRITERS_AGENT = 'writer-'

class Undo extends Error {}

/** An action whose plans have everything that a move asks for. */
async function actionOf({ actions }: Pick<Transaction, 'actions'>, name: string): Promise<string> {
  const actors = { strategy: name, execution: name }
  return (await actions.create(newAction({ name: `local/${name}-of`, actors }))).name
}

/** @returns the writes; each takes a name that no other has */
export function writesOf(store: Store, note: (note: Note) => void, random: Random) {
  const stored = <T>(kind: Kind, id: string, record: T): T => {
    note({ is: 'stored', kind, id, record })
    return record
  }
  const moved = (plan: Plan) => stored('plan', plan.planId, plan)
  const remove = async (kind: Kind, id: string, work: () => Promise<unknown>) => {
    note({ is: 'leaving', kind, id })
    await work()
    note({ is: 'removed', kind, id })
  }

  return [
    async (name: string) => {
      stored(
        'message',
        name,
        await store.messages.append(newMessage({ id: name, content: `word of ${name}` })),
      )
    },
    async (name: string) => {
      const ids = Array.from({ length: random.whole(2, 40) }, (_, index) => `${name}-${index}`)
      note({ is: 'together', parts: ids.map((id) => ['message', id]) })
      const made = await store.messages.appendMany(
        ids.map((id) => newMessage({ id, content: `word of ${id}` })),
      )
      for (const message of made) stored('message', message.id, message)
    },
    async (name: string) => {
      let task = stored('task', name, await store.tasks.create(newTask({ id: name, metadata: { by: name } })))
      task = stored('task', name, await store.tasks.update(name, { title: `changed ${name}` }, task))
      const patch = { assignedTo: 'agent-7' }
      stored('task', name, await store.tasks.transition(name, 'assigned', { version: task.version, patch }))
      if (random.chance(0.2)) await remove('task', name, () => store.tasks.delete(name))
    },
    async (name: string) => {
      const ids = [1, 2, 3].map((index) => `${name}-${index}`)
      note({ is: 'together', parts: ids.map((id) => ['task', id]) })
      for (const task of await store.tasks.createMany(ids.map((id) => newTask({ id }))))
        stored('task', task.id, task)
    },
    async (name: string) => {
      const agentId = `${WRITERS_AGENT}${random.whole(1, 5)}`
      const cost = await store.costRecords.append(newCost({ agentId, idempotencyKey: name }))
      stored('cost', cost.id, cost)
    },
    async (name: string) => {
      const ids = Array.from({ length: random.whole(2, 20) }, () => ulid())
      note({ is: 'together', parts: ids.map((id) => ['cost', id]) })
      const costs = ids.map((id, index) =>
        newCost({ id, agentId: `${WRITERS_AGENT}many`, idempotencyKey: `${name}-${index}` }),
      )
      for (const cost of await store.costRecords.appendMany(costs)) stored('cost', cost.id, cost)
    },
    async (name: string) => {
      const entry = await store.as(name).audit.append(newEntry({ subjectId: name, details: { name } }))
      stored('entry', entry.id, entry)
      const head = await store.audit.head()
      if (head) note({ is: 'head', ...head })
    },
    async (name: string) => {
      // A human, whom gates let pass.
      const { plans } = store.as('human:ada')
      const actionName = await actionOf(store, name)
      let plan = moved(await plans.create(newPlan({ name: `local/${name}`, actionName })))
      const { planId } = plan
      const actors = { ...plan.actors, review: name }
      plan = moved(await plans.update(planId, { description: `changed ${name}`, actors }, plan))
      for (const move of ['use', 'start'] as const) plan = moved(await plans[move](planId, plan))
      if (random.chance(0.4)) {
        plan = moved(await plans.fail(planId, { message: name }, plan))
        moved(await plans.retry(planId, plan))
        return
      }
      for (const move of ['complete', 'advance', 'start'] as const)
        plan = moved(await plans[move](planId, plan))
      moved(await plans.revert(planId, name, plan))
    },
    async (name: string) => {
      const root = await store.plans.create(newPlan({ name: `local/${name}` }))
      const ids = [ulid(), ulid(), ulid(), ulid()]
      note({ is: 'together', parts: ids.map((id) => ['plan', id]) })
      await store.plans.createMany(
        ids.map((planId, index) => newPlan({ planId, parentPlanId: index < 2 ? root.planId : ids[0] })),
      )
      const all = [root.planId, ...ids]
      note({ is: 'tree', ids: all })
      await store.plans.cancel(root.planId, name, { version: root.version, tree: true })
      note({ is: 'cancelled', ids: all })
      if (random.chance(0.5)) return
      for (const id of all) note({ is: 'leaving', kind: 'plan', id })
      note({ is: 'together', parts: all.map((id) => ['plan', id]) })
      await store.plans.delete(root.planId, { tree: true })
      for (const id of all) note({ is: 'removed', kind: 'plan', id })
    },
    async (name: string) => {
      const id = `local/${name}`
      const action = stored('action', id, await store.actions.create(newAction({ name: id })))
      stored('action', id, await store.actions.update(id, { description: `changed ${name}` }, action))
      if (random.chance(0.3)) await remove('action', id, () => store.actions.delete(id))
    },
    async (name: string) => {
      const id = `local/${name}`
      const profile = stored('profile', id, await store.automationProfiles.create(newProfile({ name: id })))
      const version = profile.version ?? 1
      stored('profile', id, await store.automationProfiles.update(id, { editCode: 0.9 }, { version }))
      if (random.chance(0.3)) await remove('profile', id, () => store.automationProfiles.delete(id))
    },
    async (name: string) => {
      await together(name, undefined)
    },
    async (name: string) => {
      await together(name, 'inner')
    },
    async (name: string) => {
      await together(name, 'whole')
    },
  ]

  /** One transaction over every kind; its nested part, or the whole, is undone on request. */
  async function together(name: string, undone: 'inner' | 'whole' | undefined): Promise<void> {
    const [planId, costId, entryId, innerCost] = [ulid(), ulid(), ulid(), ulid()]
    const outer: readonly Part[] = [
      ['task', `${name}-t`],
      ['plan', planId],
      ['cost', costId],
      ['entry', entryId],
      ['action', `local/${name}-a`],
      ['profile', `local/${name}-p`],
    ]
    const inner: readonly Part[] = [
      ['message', `${name}-m`],
      ['cost', innerCost],
    ]
    note({ is: 'together', parts: undone === 'inner' ? outer : [...outer, ...inner] })
    if (undone === 'inner') note({ is: 'undone', parts: inner })
    if (undone === 'whole') note({ is: 'undone', parts: outer })
    const work = store.as(name).transaction(async (tx) => {
      const actionName = await actionOf(tx, name)
      const plan = await tx.plans.create(newPlan({ planId, name: `local/${name}`, actionName }))
      const used = await tx.plans.use(planId, plan)
      const task = await tx.tasks.create(newTask({ id: `${name}-t`, planId }))
      const cost = await tx.costRecords.append(
        newCost({ id: costId, agentId: `${WRITERS_AGENT}tx`, taskId: task.id, planId }),
      )
      const entry = await tx.audit.append(newEntry({ id: entryId, taskId: task.id, planId }))
      const action = await tx.actions.create(newAction({ name: `local/${name}-a` }))
      const profile = await tx.automationProfiles.create(newProfile({ name: `local/${name}-p` }))
      await tx
        .transaction(async (nested) => {
          await nested.messages.append(newMessage({ id: `${name}-m`, metadata: { taskId: task.id } }))
          await nested.costRecords.append(
            newCost({ id: innerCost, agentId: `${WRITERS_AGENT}tx`, taskId: task.id }),
          )
          if (undone === 'inner') throw new Undo()
        })
        .catch((error: unknown) => {
          if (!(error instanceof Undo)) throw error
        })
      if (undone === 'whole') throw new Undo()
      return { used, task, cost, entry, action, profile }
    })
    const made = await work.catch((error: unknown) => {
      if (error instanceof Undo) return undefined
      throw error
    })
    if (!made) return
    stored('plan', planId, made.used)
    stored('task', made.task.id, made.task)
    stored('cost', costId, made.cost)
    stored('entry', entryId, made.entry)
    stored('action', made.action.name, made.action)
    stored('profile', made.profile.name, made.profile)
  }
}
