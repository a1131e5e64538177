// The records as the HTTP API gives them, by their names in the pages. Those of the OpenAPI
// document are generated; what it describes by its path alone is a type of the library after JSON.

import type {
  CostGrouping,
  CommittedChanges as StoredChanges,
  DoctorReport as StoredDoctorReport,
  AuditVerification as StoredVerification,
  TaskGrouping,
} from '../../src/index.ts'
import type { Schemas } from './openapi.ts'

/** A value after its way through JSON. */
export type Json<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Json<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Json<T[Key]> }
      : T

export type Agent = Schemas['Agent']
export type Approval = Schemas['Approval']
export type AuditEntry = Schemas['AuditEntry']
export type Budget = Schemas['Budget']
export type BudgetStatus = Schemas['BudgetStatus']
export type CostRecord = Schemas['CostRecord']
export type Message = Schemas['Message']
export type Plan = Schemas['Plan']
export type Task = Schemas['Task']

/** A total of costs: a key for each grouping, and its sums. */
export type CostTotal = Schemas['CostTotal'] & Readonly<Partial<Record<CostGrouping, string | null>>>
export type TaskCount = { readonly count: number } & Readonly<Partial<Record<TaskGrouping, string | null>>>

export type AuditVerification = Json<StoredVerification>
export type DoctorReport = Json<StoredDoctorReport>
/** What one commit changed; its position is the id of the event. */
export type Commit = Omit<Json<StoredChanges>, 'position'>

/** Everything that an answer lists. */
export interface Items<Item> {
  readonly items: readonly Item[]
}

/** A part of a list, and where to read on. */
export interface Page<Item> extends Items<Item> {
  readonly nextCursor: string | null
}
