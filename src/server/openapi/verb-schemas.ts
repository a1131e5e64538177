// What verbs take and answer that is no record: by the resource and the verb. A verb that is not
// here takes and answers what its name says, or any object.

import { auditCutDefinition } from '../../records/audit-cuts/definition.ts'
import { automationProfileRule } from '../../records/automation-profiles/profile.ts'
import { reservationRule } from '../../records/budgets/reservation.ts'
import { priceQuestion } from '../../records/cost-records/price.ts'
import { parkedRunSummaryDefinition } from '../../records/parked-runs/definition.ts'
import { planCheckpointSummaryDefinition } from '../../records/plan-checkpoints/definition.ts'
import { resumeObstacles } from '../../records/plan-steps/enums.ts'
import { claimRule } from '../../records/tasks/claims/options.ts'
import { taskGroupings } from '../../records/tasks/enums.ts'
import {
  boolean,
  instant,
  integer,
  listOf,
  money,
  number,
  object,
  orNull,
  recordSchema,
  ref,
  type Schema,
  schemaOfRule,
  string,
} from './json-schema.ts'

const period = object({ begin: orNull(instant), end: orNull(instant) })
const count: Schema = { type: ['integer', 'string'], description: 'A decimal string with largeCounts=text.' }
const sums = object({
  cost: money,
  currency: string,
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  unpriced: count,
  records: count,
})
const corrupt = listOf(object({ table: string, id: string, column: string }))
const head = object({ sequence: integer, hash: string })

/** A cost record, and the budgets that it reached. */
const appended: Schema = {
  allOf: [
    ref('CostRecord'),
    object({
      'budgets?': listOf(
        object({
          budget: string,
          level: { type: 'string', enum: ['warned', 'exceeded'] },
          spent: money,
          limit: money,
          currency: string,
          share: number,
          period,
        }),
      ),
    }),
  ],
}

/** Schemas that several answers share, by name. */
export const sharedSchemas: Readonly<Record<string, Schema>> = {
  ParkedRunSummary: recordSchema(parkedRunSummaryDefinition),
  PlanCheckpointSummary: recordSchema(planCheckpointSummaryDefinition),
  CorruptRow: object({ table: string, id: string, column: string }),
  CostSums: sums,
  CostTotal: {
    ...sums,
    properties: { ...(sums.properties as object), previous: ref('CostSums') },
    additionalProperties: { type: ['string', 'null', 'integer'] },
    description: 'The keys of its group beside its sums; `previous` with compare=previous.',
  },
  BudgetStatus: object({
    budget: ref('Budget'),
    period,
    spent: money,
    held: money,
    remaining: money,
    share: number,
    level: { type: 'string', enum: ['within', 'warned', 'exceeded'] },
    unpriced: integer,
  }),
  Profile: object({
    name: string,
    builtIn: boolean,
    profile: orNull(schemaOfRule(automationProfileRule, 'output')),
    createdAt: orNull(instant),
    updatedAt: orNull(instant),
    version: orNull(integer),
  }),
  NewProfile: schemaOfRule(automationProfileRule, 'input'),
}

/** The body of a verb that takes one object; by default that of its record. */
export const bodies: Readonly<Record<string, Schema>> = {
  'tasks.claim': schemaOfRule(claimRule, 'input'),
  'budgets.reserve': schemaOfRule(reservationRule, 'input'),
  'costs.priceOf': schemaOfRule(priceQuestion, 'input'),
  'plans.fail': {
    ...object({ message: string, 'details?': orNull({ type: 'object' }) }),
    additionalProperties: false,
  },
  'settings.set': { ...object({ value: {}, 'version?': orNull(integer) }), additionalProperties: false },
  'profiles.create': ref('NewProfile'),
  'profiles.update': { type: 'object' },
}

/** What a verb answers; `null` if nothing. */
export const answers: Readonly<Record<string, Schema | null>> = {
  'plans.tree': object({
    items: listOf(object({ plan: ref('Plan'), level: integer, children: integer })),
    depth: integer,
    corrupt,
  }),
  'decisions.tree': object({
    items: listOf(object({ decision: ref('Decision'), level: integer, children: integer })),
    corrupt,
  }),
  'decisions.influenced': object({ items: listOf(ref('Decision')) }),
  'decisions.correct': ref('Correction'),
  'plans.ancestors': object({ items: listOf(ref('Plan')) }),
  'plans.cost': ref('CostTotal'),
  'plans.mayUse': object({ value: boolean }),
  'plans.preflight': object({
    planId: string,
    version: integer,
    next: orNull({ type: 'string', enum: ['use', 'start'] }),
    findings: listOf(object({ rule: string, message: string })),
  }),
  'plans.proceed': object({
    outcome: { type: 'string', enum: ['moved', 'waiting', 'refused'] },
    plan: ref('Plan'),
    approval: orNull(ref('Approval')),
  }),
  'plans.step': ref('PlanStep'),
  'plans.steps': object({ items: listOf(ref('PlanStep')) }),
  'plans.resumable': object({
    resumable: boolean,
    plan: ref('Plan'),
    'move?': { type: ['string', 'null'], enum: ['start', 'retry', null] },
    'step?': integer,
    'total?': orNull(integer),
    'recorded?': orNull(ref('PlanStep')),
    'checkpoint?': orNull(ref('PlanCheckpointSummary')),
    'decision?': orNull(ref('Decision')),
    'reason?': { type: 'string', enum: [...resumeObstacles] },
    'message?': string,
  }),
  'plan-checkpoints.restore': object({
    outcome: { type: 'string', enum: ['restored', 'waiting', 'refused'] },
    plan: ref('Plan'),
    checkpoint: ref('PlanCheckpoint'),
    approval: orNull(ref('Approval')),
  }),
  'plan-checkpoints.prune': object({ value: integer }),
  'tasks.counts': object({
    items: listOf(
      object({
        ...Object.fromEntries(taskGroupings.map((grouping) => [`${grouping}?`, orNull(string)])),
        count: integer,
      }),
    ),
  }),
  'tasks.readyIn': object({ value: integer }),
  'tasks.waiting': object({ items: listOf(object({ id: string, status: orNull(string) })) }),
  'tasks.claim': object({ items: listOf(ref('Task')) }),
  'tasks.recover': object({ items: listOf(ref('Task')) }),
  'tasks.heartbeat': null,
  'budgets.status': object({ items: listOf(ref('BudgetStatus')) }),
  'budgets.reserve': object({
    id: string,
    estimate: money,
    currency: string,
    budgets: listOf(string),
    expiresAt: instant,
  }),
  'budgets.release': object({ value: boolean }),
  'costs.append': appended,
  'costs.appendMany': object({ items: listOf(appended) }),
  'costs.aggregate': object({ items: listOf(ref('CostTotal')) }),
  'costs.priceOf': object({
    cost: orNull(money),
    currency: string,
    priceSource: string,
    prices: { type: 'object', additionalProperties: money },
  }),
  'costs.applyPrices': object({
    priced: integer,
    left: integer,
    costs: { type: 'object', additionalProperties: money },
  }),
  'tokens.create': {
    allOf: [ref('Token'), object({ secret: { type: 'string', description: 'The token, shown this once.' } })],
  },
  'profiles.list': object({ items: listOf(ref('Profile')) }),
  'audit.head': head,
  'audit.cuts': object({ items: listOf(recordSchema(auditCutDefinition)) }),
  'audit.verify': object({
    ok: boolean,
    checked: integer,
    firstBad: orNull(integer),
    problem: orNull(string),
    head: orNull(head),
    cut: orNull(head),
  }),
}

/** Routes about a store as a whole, by their path. */
export const storeAnswers: Readonly<Record<string, Schema>> = {
  '/me': object({
    role: { type: 'string', enum: ['reader', 'agent', 'operator', 'admin'] },
    actor: orNull(string),
    tenant: orNull(string),
    via: string,
    server: object({ version: string, engine: string, location: string }),
  }),
  '/search': object({ items: listOf(object({ resource: string, id: string, record: { type: 'object' } })) }),
  '/changes': object({
    items: listOf(
      object({
        position: string,
        at: instant,
        actor: string,
        changes: listOf(
          object({
            record: string,
            id: string,
            op: { type: 'string', enum: ['created', 'updated', 'deleted'] },
            'version?': integer,
          }),
        ),
      }),
    ),
    position: string,
  }),
  '/changes/head': object({ position: string }),
  '/status': object({
    engine: string,
    version: string,
    health: object({ ok: boolean, latencyMs: number, schemaVersion: orNull(integer) }),
    info: object({ serverVersion: string, sizeBytes: orNull(integer) }),
    schema: object({
      current: integer,
      latest: integer,
      pending: listOf(object({ version: integer, name: string, breaking: boolean })),
      'newerPurser?': string,
    }),
  }),
  '/drift': object({
    items: listOf(
      object({
        table: string,
        'column?': string,
        kind: string,
        declared: orNull(string),
        live: orNull(string),
      }),
    ),
  }),
  '/doctor': object({
    ok: boolean,
    checks: listOf(
      object({
        name: string,
        status: { type: 'string', enum: ['ok', 'warn', 'fail'] },
        detail: string,
        count: integer,
        next: orNull(string),
      }),
    ),
  }),
  '/retention': object({
    items: listOf(
      object({
        kind: string,
        cutoff: instant,
        rows: integer,
        oldest: orNull(instant),
        newest: orNull(instant),
        bytes: integer,
      }),
    ),
  }),
  '/retention/prune': object({
    items: listOf(
      object({
        kind: string,
        cutoff: instant,
        rows: integer,
        bytes: integer,
        left: integer,
        skipped: integer,
        cut: orNull(head),
      }),
    ),
  }),
  '/tenants': object({ items: listOf(object({ name: string })) }),
}
