// Inputs with a value of its own for every field of a record, made from its definition: a field whose
// kind has no generator here fails.

import {
  actionDefinition,
  approvalDefinition,
  auditEntryDefinition,
  budgetDefinition,
  builtInProfiles,
  costRecordDefinition,
  decisionDefinition,
  messageDefinition,
  parkedRunDefinition,
  planCheckpointDefinition,
  planDefinition,
  projectDefinition,
  taskDefinition,
} from '../../../src/index.ts'

/** A plan with a root, under which decisions are generated. */
export const decidedPlan = {
  planId: '01J0000000000000000000000P',
  decisionId: '01J0000000000000000000000R',
} as const

/** A child of it. */
export const spawnedPlan = '01J0000000000000000000000C'

export const definitions = [
  taskDefinition,
  budgetDefinition,
  costRecordDefinition,
  messageDefinition,
  planDefinition,
  actionDefinition,
  projectDefinition,
  auditEntryDefinition,
  approvalDefinition,
  parkedRunDefinition,
  planCheckpointDefinition,
  decisionDefinition,
]
export type Definition = (typeof definitions)[number]
export type Column = Definition['columns'][number]
export type Values = Record<string, unknown>

const profileAt = (n: number) => [...builtInProfiles.keys()][n % builtInProfiles.size]

/**
 * Fields whose values depend on others, so that no generator can know them. The parent of a plan
 * has a test of its own.
 */
export const dependent: ReadonlyMap<
  Definition,
  Readonly<Record<string, (n: number, record: Values) => unknown>>
> = new Map<Definition, Readonly<Record<string, (n: number, record: Values) => unknown>>>([
  [
    planDefinition,
    {
      parentPlanId: () => null,
      rootPlanId: (_, { planId }) => planId,
      reversionCount: (n) => (n % 3) + 1,
    },
  ],
  [
    budgetDefinition,
    {
      // A plan or a task would have to exist.
      scope: (n) => ['agent', 'model'][n % 2],
      timeZone: (n) => ['Europe/Berlin', 'Asia/Tokyo'][n % 2],
    },
  ],
  [
    decisionDefinition,
    {
      planId: () => decidedPlan.planId,
      parentDecisionId: () => decidedPlan.decisionId,
      type: () => 'subplan_spawn',
      spawnedPlanIds: () => [spawnedPlan],
      influences: () => [decidedPlan.decisionId],
      confidence: (n) => Number(`0.${100 + (n % 800)}1`),
      alternatives: (n) => [{ option: `option ${n}`, reason: 'first' }],
    },
  ],
  [planCheckpointDefinition, { planId: () => decidedPlan.planId }],
  [approvalDefinition, { expiresAt: (n) => new Date(Date.UTC(9000, 0, 1, 0, 0, n, n)) }],
  [
    costRecordDefinition,
    {
      // Parts of the tokens that stand before them.
      reasoningTokens: (n) => n,
      cacheWrite1hTokens: (n) => n,
      costStatus: () => 'computed',
    },
  ],
  [actionDefinition, { automationProfile: profileAt }],
  [projectDefinition, { automationProfile: profileAt, budget: () => null }],
])

/** Values of a column's kind, differing with `n`; the first that the field accepts is taken. */
function candidates({ field: name, member, kind, spec }: Column, n: number): readonly unknown[] {
  const field = member ?? name
  switch (kind) {
    case 'text': {
      if (spec.values) return spec.values.toReversed()
      const ulid = `01J${String(n).padStart(23, '0')}`
      const day = String((n % 28) + 1).padStart(2, '0')
      const digest = String(n).padStart(64, '0')
      const short = `${field.toLowerCase()}-${n}`
      const currency = ['EUR', 'CHF', 'GBP'][n % 3]
      return [`${field} ${n}`, `local/${short}`, `area:${short}`, digest, ulid, `2026-01-${day}`, currency]
    }
    case 'integer':
      return [1000 + n]
    case 'boolean':
      return [n % 2 === 0, n % 2 !== 0]
    case 'money':
      return [`${n}.00000000${(n % 9) + 1}`]
    case 'instant':
      return [new Date(Date.UTC(2020, 0, 1, 0, 0, n, n))]
    case 'json':
      return [
        [`${field} ${n}`, `${field} first`],
        [{ name: `${field} ${n}`, alias: `alias ${n}`, readOnly: true }],
        [{ name: `${field} ${n}`, value: { deep: [n] } }],
        [{ text: `${field} ${n}`, source: 'global' }],
        [{ type: 'code', path: `${field} ${n}` }],
        [{ type: 'file', ref: `${field} ${n}` }],
        [{ description: `${field} ${n}`, met: true }],
        [
          { kind: 'text', text: `${field} ${n}` },
          { kind: 'uri', uri: `urn:${n}` },
        ],
        {
          taskId: `task ${n}`,
          projectId: `project ${n}`,
          planId: `plan ${n}`,
          tokensUsed: n,
          costUsd: `${n}.5`,
          extra: [[`key ${n}`, `value ${n}`]],
        },
        [{ name: `${field} ${n}`, type: 'integer', default: n }],
        [{ text: `${field} ${n}`, name: `name ${n}` }],
        ...[n % 2 === 0, n % 2 !== 0],
        (n % 1000) / 1000,
        { [field]: n, nested: [n, { deep: true }] },
      ]
    case 'bytes':
      return [new Uint8Array([n % 256, 0, 255])]
    default:
      return kind satisfies never
  }
}

/**
 * A value that the field accepts, and that is not `other`, or not its default where there is no
 * other.
 */
export function generate(column: Column, n: number, other?: unknown): unknown {
  for (const candidate of candidates(column, n)) {
    const parsed = column.spec.schema().safeParse(candidate)
    if (!parsed.success) continue
    if (isSame(parsed.data, other === undefined ? column.spec.initial : other)) continue
    return parsed.data
  }
  throw new Error(`no generator for ${column.field} (${column.kind}); add one to candidates()`)
}

export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

export function givenColumns(definition: Definition): readonly Column[] {
  return definition.columns.filter(({ spec }) => spec.given !== 'managed')
}

/**
 * An input with a value of its own for every field, and every member of a group, that callers may
 * give.
 */
export function fullInput(definition: Definition, from: number): Values {
  const input: Values = {}
  for (const [index, column] of givenColumns(definition).entries()) {
    const { field, member } = column
    const own = dependent.get(definition)?.[field]
    const value = own ? own(from + index, input) : generate(column, from + index)
    input[field] = member === undefined ? value : { ...(input[field] as Values | undefined), [member]: value }
  }
  return input
}

export function storedValue(record: Values, { field, member }: Column): unknown {
  const value = record[field]
  return member === undefined ? value : (value as Values)[member]
}
