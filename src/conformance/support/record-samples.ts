// One full sample of every record, and how to read all of its records. A record of the registry
// that is missing here does not compile.

import { ReversionLimitError } from '../../errors.ts'
import type {
  Action,
  Budget,
  KnownProfile,
  ParkedRun,
  Plan,
  PlanCheckpoint,
  Project,
  Setting,
  Store,
  Task,
} from '../../index.ts'
import type { Repositories } from '../../records/registry.ts'
import { newDecision } from './decision-samples.ts'
import { only, rejection } from './expect.ts'
import {
  fullAgent,
  fullApproval,
  fullBudget,
  fullCost,
  fullEntry,
  fullMessage,
  fullParkedRun,
  fullPlan,
  fullTask,
  newProfile,
  takenOver,
  ulid,
} from './samples.ts'
import { fullAction, fullProject } from './template-samples.ts'

/** The plan that the decision belongs to, and its root, to which it points. */
const PLAN = ulid(7777)
const ROOT = ulid(3333)
/** The checkpoint that the plan names as its last. */
const CHECKPOINT = ulid(2222)

/** A content that no audit entry may hold. */
const kept = 'Nobody else reads this'

interface RecordSample {
  /** Stores the sample and returns it as written. */
  readonly write: (store: Books) => Promise<object>
  readonly readAll: (store: Books) => Promise<readonly object[]>
}

/** A change by `update`, and what it puts in which field. */
interface SampleChange {
  readonly field: string
  readonly value: string
  /** @param record as written by the sample */
  readonly change: (store: Books, record: never) => Promise<object>
}

/** What a record's sample has besides, if its repository has the verb. */
type Changing<R> = R extends { update(...given: never[]): unknown }
  ? { readonly update: SampleChange }
  : object
type Deleting<R> = R extends { delete(...given: never[]): unknown }
  ? { readonly remove: (store: Books, record: never) => Promise<boolean> }
  : object

/** The repositories of a store, or of one that has an actor. */
type Books = ReturnType<Store['as']>

export const recordSamples: {
  readonly [P in keyof Repositories]: RecordSample & Changing<Repositories[P]> & Deleting<Repositories[P]>
} = {
  tasks: {
    write: ({ tasks }) => tasks.create(fullTask(), takenOver()),
    readAll: async ({ tasks }) => (await tasks.list()).items,
    update: {
      field: 'title',
      value: kept,
      change: ({ tasks }, task: Task) => tasks.update(task.id, { title: kept }, task),
    },
    remove: ({ tasks }, { id }: Task) => tasks.delete(id),
  },
  costRecords: {
    write: ({ costRecords }) => costRecords.append(fullCost()),
    readAll: async ({ costRecords }) => (await costRecords.query()).items,
  },
  budgets: {
    write: ({ budgets }) => budgets.create(fullBudget()),
    readAll: async ({ budgets }) => (await budgets.list()).items,
    update: {
      field: 'target',
      value: kept,
      change: ({ budgets }, budget: Budget) => budgets.update(budget.name, { target: kept }, budget),
    },
    remove: ({ budgets }, { name }: Budget) => budgets.delete(name),
  },
  messages: {
    write: ({ messages }) => messages.append(fullMessage()),
    readAll: async ({ messages }) => (await messages.query()).items,
  },
  automationProfiles: {
    write: ({ automationProfiles }) => automationProfiles.create(newProfile()),
    readAll: async ({ automationProfiles }) =>
      (await automationProfiles.list()).filter(({ builtIn }) => !builtIn),
    update: {
      field: 'description',
      value: kept,
      change: ({ automationProfiles }, { name }: KnownProfile) =>
        automationProfiles.update(name, { description: kept }, { version: 1 }),
    },
    remove: ({ automationProfiles }, { name }: KnownProfile) => automationProfiles.delete(name),
  },
  actions: {
    write: ({ actions }) => actions.create(fullAction()),
    readAll: async ({ actions }) => (await actions.list()).items,
    update: {
      field: 'description',
      value: kept,
      change: ({ actions }, action: Action) => actions.update(action.name, { description: kept }, action),
    },
    remove: ({ actions }, { name }: Action) => actions.delete(name),
  },
  projects: {
    write: ({ projects }) => projects.create(fullProject()),
    readAll: async ({ projects }) => (await projects.list()).items,
    update: {
      field: 'description',
      value: kept,
      change: ({ projects }, project: Project) =>
        projects.update(project.name, { description: kept }, project),
    },
    remove: ({ projects }, { name }: Project) => projects.delete(name),
  },
  plans: {
    write: ({ plans }) =>
      plans.create(
        fullPlan({
          actionName: 'label',
          decisionRootId: ROOT,
          lastCheckpointId: CHECKPOINT,
          reversionCount: 3,
        }),
        takenOver(),
      ),
    readAll: async ({ plans }) => (await plans.list()).items,
    update: {
      field: 'description',
      value: kept,
      change: ({ plans }, plan: Plan) => plans.update(plan.planId, { description: kept }, plan),
    },
    remove: ({ plans }, { planId }: Plan) => plans.delete(planId),
  },
  decisions: {
    write: ({ decisions }) => decisions.record(newDecision(PLAN, { decisionId: ROOT })),
    readAll: async ({ decisions }) => (await decisions.list()).items,
  },
  corrections: {
    // One that is refused, because one that is not makes another decision.
    write: async ({ corrections, decisions }) => {
      await rejection(ReversionLimitError, () =>
        decisions.correct(ROOT, { mode: 'revert', guidance: 'Another parser' }),
      )
      return only((await corrections.list()).items)
    },
    readAll: async ({ corrections }) => (await corrections.list()).items,
  },
  planCheckpoints: {
    write: ({ planCheckpoints }) =>
      planCheckpoints.create({
        ...{ checkpointId: CHECKPOINT, planId: PLAN, alias: 'before the schema', step: 4 },
        ...{ sandboxRef: 'git:1f3c9d', reason: 'The schema\nchanges next', tool: 'shell' },
        state: Uint8Array.from({ length: 256 }, (_, index) => index),
      }),
    readAll: async ({ planCheckpoints }) => {
      const { items } = await planCheckpoints.list()
      return [...(await planCheckpoints.getMany(items.map((item) => item.checkpointId))).values()]
    },
    remove: ({ planCheckpoints }, { checkpointId }: PlanCheckpoint) => planCheckpoints.delete(checkpointId),
  },
  planSteps: {
    write: ({ plans }) =>
      plans.step(PLAN, { index: 7, total: 9, name: 'Change the schema', status: 'failed' }),
    readAll: async ({ planSteps }) => (await planSteps.list()).items,
  },
  agents: {
    write: ({ agents }) => agents.seen('agent-7', fullAgent()),
    readAll: async ({ agents }) => (await agents.list()).items,
  },
  approvals: {
    write: ({ approvals }) => approvals.request(fullApproval()),
    readAll: async ({ approvals }) => (await approvals.list()).items,
  },
  parkedRuns: {
    write: ({ parkedRuns }) => parkedRuns.park(fullParkedRun()),
    readAll: async ({ parkedRuns }) => {
      const { items } = await parkedRuns.list()
      return [...(await parkedRuns.getMany(items.map(({ id }) => id))).values()]
    },
    remove: ({ parkedRuns }, { id }: ParkedRun) => parkedRuns.delete(id),
  },
  tokens: {
    write: async ({ tokens }) => {
      const made = await tokens.create({
        ...{ name: 'board', role: 'agent', actor: 'agent-7', tenant: 'acme' },
        expiresAt: new Date(Date.UTC(9000, 0, 1)),
      })
      return (await tokens.get(made.name)) ?? made
    },
    readAll: async ({ tokens }) => (await tokens.list()).items,
  },
  settings: {
    write: ({ settings }) => settings.set('local/full', { list: [1, 2.5, null, true, { deep: 'é' }] }),
    readAll: async ({ settings }) => (await settings.list()).items,
    remove: ({ settings }, { name }: Setting) => settings.delete(name),
  },
  audit: {
    write: ({ audit }) => audit.append(fullEntry()),
    readAll: async ({ audit }) => (await audit.query()).items,
  },
}

type Records = { readonly [P in keyof Repositories]: readonly object[] }

const properties = Object.keys(recordSamples) as readonly (keyof Repositories)[]

/** Writes one sample of every record, the audit entry last: the others append entries as well. */
export async function writeSamples(store: Store): Promise<Records> {
  const written: [keyof Repositories, readonly object[]][] = []
  for (const property of properties.toSorted((a, b) => Number(a === 'audit') - Number(b === 'audit'))) {
    const sample = await recordSamples[property].write(store)
    const before = property === 'audit' ? (await recordSamples.audit.readAll(store)).slice(1) : []
    written.push([property, [sample, ...before]])
  }
  return Object.fromEntries(written) as Records
}

/** The first page of every record. */
export async function readSamples(store: Store): Promise<Records> {
  const read: [keyof Repositories, readonly object[]][] = []
  for (const property of properties) read.push([property, await recordSamples[property].readAll(store)])
  return Object.fromEntries(read) as Records
}
