// One full sample of every record, and how to read all of its records. A record of the registry
// that is missing here does not compile.

import type { Store } from '../../index.ts'
import type { Repositories } from '../../records/registry.ts'
import {
  fullAction,
  fullCost,
  fullEntry,
  fullMessage,
  fullPlan,
  fullTask,
  newProfile,
  takenOver,
} from './samples.ts'

interface RecordSample {
  /** Stores the sample and returns it as written. */
  readonly write: (store: Store) => Promise<object>
  readonly readAll: (store: Store) => Promise<readonly object[]>
}

const recordSamples: { readonly [P in keyof Repositories]: RecordSample } = {
  tasks: {
    write: ({ tasks }) => tasks.create(fullTask(), takenOver()),
    readAll: async ({ tasks }) => (await tasks.list()).items,
  },
  costRecords: {
    write: ({ costRecords }) => costRecords.append(fullCost()),
    readAll: async ({ costRecords }) => (await costRecords.query()).items,
  },
  messages: {
    write: ({ messages }) => messages.append(fullMessage()),
    readAll: async ({ messages }) => (await messages.query()).items,
  },
  automationProfiles: {
    write: ({ automationProfiles }) => automationProfiles.create(newProfile()),
    readAll: async ({ automationProfiles }) =>
      (await automationProfiles.list()).filter(({ builtIn }) => !builtIn),
  },
  actions: {
    write: ({ actions }) => actions.create(fullAction()),
    readAll: async ({ actions }) => (await actions.list()).items,
  },
  plans: {
    write: ({ plans }) => plans.create(fullPlan({ actionName: 'label' }), takenOver()),
    readAll: async ({ plans }) => (await plans.list()).items,
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
