// How every column of an ancestor's plans is converted: which values are carried over, which are
// normalised and set aside, and which cannot be carried over and become findings.

import type { MigrationStatement } from '../../engines/contract/schema.ts'
import { ORIGINALS } from '../../migrations/preserved-tables.ts'
import { EPOCH } from '../adopted-instants.ts'
import type { AdoptionWriter } from '../expressions.ts'
import { noteFinding, setAside } from '../preserved-values.ts'
import { actorRoles, environmentPriorities, environments, planPhases, planStates } from './layouts.ts'
import { UNNAMED } from './profiles.ts'
import {
  isWord,
  listsTable,
  namesTable,
  oddPlans,
  oddTable,
  place,
  profilesTable,
  rootsTable,
  TEXTS,
  TIMES,
  textsTable,
  VERSION,
} from './scratch-tables.ts'

/** Times that every plan has, and times that it may have. */
export const ownTimes = ['created_at', 'updated_at'] as const
export const laterTimes = [
  'strategize_started_at',
  'strategize_completed_at',
  'execute_started_at',
  'execute_completed_at',
  'apply_started_at',
  'applied_at',
] as const
/** Old column, new column, its allowed values, and the replacement for any other value. */
export const wordColumns = [
  ['phase', 'phase', planPhases, "'action'"],
  ['processing_state', 'state', planStates, "'errored'"],
  ['execution_environment', 'execution_environment', environments, 'NULL'],
  ['execution_env_priority', 'execution_env_priority', environmentPriorities, 'NULL'],
] as const
export const jsonColumns = [
  ['sandbox_refs_json', 'sandbox_refs'],
  ['validation_summary_json', 'validation_summary'],
  ['error_details_json', 'error_details'],
] as const
/** Columns that are carried over unchanged. */
export const unchanged = [
  'plan_id',
  'parent_plan_id',
  'action_name',
  'description',
  'definition_of_done',
  'changeset_id',
  'decision_root_id',
] as const

interface Problem {
  readonly column: string
  readonly problem: string
  readonly value: string
  readonly where: string
}

/** Every reason why a value cannot be carried over. None depends on another table. */
function problems(writer: AdoptionWriter): readonly Problem[] {
  const times = [...ownTimes, ...laterTimes].flatMap((column) => {
    const value = `plans.${column}`
    const instant = writer.instantOfIso(value)
    return [
      { column, problem: 'time-unreadable', value, where: `${value} IS NOT NULL AND ${instant} IS NULL` },
      {
        column,
        problem: 'time-without-offset',
        value,
        where: `${instant} IS NOT NULL AND NOT ${writer.nameInstants([value])}`,
      },
    ]
  })
  const words = wordColumns.map(([old, column, allowed]) => ({
    column,
    problem: 'word-unknown',
    value: `plans.${old}`,
    where: `plans.${old} IS NOT NULL AND NOT ${isWord(writer, `plans.${old}`, allowed)}`,
  }))
  const json = jsonColumns.flatMap(([old, column]) => {
    const value = `plans.${old}`
    const readable = `CASE WHEN ${writer.isText(value)} THEN ${writer.isJson(value)} ELSE false END`
    return [
      { column, problem: 'json-unreadable', value, where: `${value} IS NOT NULL AND NOT ${readable}` },
      {
        column,
        problem: 'json-wrong-shape',
        value,
        where: `${value} IS NOT NULL AND ${readable} AND NOT ${hasShape(writer, old)}`,
      },
    ]
  })
  const isName = writer.isText('plans.namespaced_name')
  const texts = [
    ['metadata', 'plans.namespaced_name', `plans.parent_plan_id IS NOT NULL AND NOT ${isName}`],
    // The namespace cannot be derived from such a name.
    ['namespace', 'plans.namespace', `NOT ${writer.isText('plans.namespace')} OR NOT ${isName}`],
    [
      'root_plan_id',
      'plans.root_plan_id',
      `plans.root_plan_id IS NOT NULL AND NOT ${writer.isText('plans.root_plan_id')}`,
    ],
  ] as const
  return [
    ...times,
    ...words,
    ...json,
    ...texts.map(([column, value, where]) => ({ column, problem: 'text-unreadable', value, where })),
    {
      column: 'attempt',
      problem: 'number-invalid',
      value: writer.realToText('plans.attempt'),
      where: `NOT ${isAttempt(writer)}`,
    },
    {
      column: 'completed_at',
      problem: 'completed-at-differs',
      value: 'plans.completed_at',
      where: `plans.completed_at IS NOT NULL AND (plans.applied_at IS NULL OR plans.completed_at <> plans.applied_at) AND coalesce(${writer.instantOfIso('plans.completed_at')}, '') <> coalesce(${writer.instantOfIso('plans.applied_at')}, '?')`,
    },
  ]
}

const isAttempt = (writer: AdoptionWriter) =>
  `CASE WHEN ${writer.isWholeNumber('plans.attempt')} THEN plans.attempt >= 1 ELSE false END`
const hasShape = (writer: AdoptionWriter, old: string) =>
  old === 'sandbox_refs_json' ? writer.isTextList(`plans.${old}`) : writer.isJsonObject(`plans.${old}`)

/**
 * Fast conditions that together match every row with one of the problems, except those of times.
 */
function suspicions(writer: AdoptionWriter): readonly string[] {
  return [
    ...wordColumns.map(([old, , allowed]) => `NOT ${isWord(writer, `plans.${old}`, allowed)}`),
    ...jsonColumns.map(([old]) => `plans.${old} IS NOT NULL AND NOT ${hasShape(writer, old)}`),
    `NOT ${writer.isText('plans.namespaced_name')}`,
    `NOT ${writer.isText('plans.namespace')}`,
    `plans.root_plan_id IS NOT NULL AND NOT ${writer.isText('plans.root_plan_id')}`,
    `NOT ${isAttempt(writer)}`,
    'plans.completed_at <> plans.applied_at',
    'plans.completed_at IS NOT NULL AND plans.applied_at IS NULL',
    'profile.written IS NOT NULL AND profile.name IS NULL',
  ]
}

const profileJoin = `LEFT JOIN ${profilesTable.name} AS profile ON profile.written = plans.automation_profile`

/**
 * Scans every plan once: which texts to set aside, and which plans have a value that cannot be
 * carried over.
 */
export function sortOut(writer: AdoptionWriter): readonly MigrationStatement[] {
  const times = Object.fromEntries([...ownTimes, ...laterTimes].map((column) => [column, `plans.${column}`]))
  const texts = otherTexts(writer)
  const suspicious = suspicions(writer)
  const arePlain = writer.arePlainIso(Object.values(times))
  const areReadable = writer.nameInstants(Object.values(times))
  const conditions = new Set([...texts.map(({ when }) => when), ...suspicious])
  return [
    ...writer.createTable(textsTable),
    ...writer.createTable(oddTable),
    writer.run(
      'look for values that are not in their plain form',
      `INSERT INTO ${textsTable.name} (plan_id, times, texts, odd)
SELECT plans.plan_id, ${writer.otherIso(times)}, ${writer.jsonOfSome(texts)}, CASE WHEN NOT ${areReadable}
  OR ${suspicious.join('\n  OR ')} THEN 1 ELSE 0 END
FROM plans ${profileJoin}
WHERE NOT ${arePlain}
  OR ${[...conditions].join('\n  OR ')}`,
    ),
    ...[TIMES, TEXTS].map((kind) =>
      writer.run(
        `set aside ${kind} that would be written in another way`,
        `INSERT INTO ${ORIGINALS} (migration, table_name, row_id, column_name, value)
SELECT ${VERSION}, 'plans', plan_id, ${writer.text(kind)}, ${kind} FROM ${textsTable.name} WHERE ${kind} <> '{}'`,
      ),
    ),
    setAside(
      writer,
      place(
        'automation_profile_name',
        `plans JOIN ${profilesTable.name} AS profile ON profile.written = plans.automation_profile`,
      ),
      'plans.automation_profile',
      'profile.plain = 0 AND profile.name IS NOT NULL',
    ),
    writer.run(
      'find plans with values that cannot be carried over',
      `INSERT INTO ${oddTable.name} (plan_id) SELECT plan_id FROM ${textsTable.name} WHERE odd = 1`,
    ),
  ]
}

/** Records a finding for every value that cannot be carried over unchanged. */
export function noteProblems(writer: AdoptionWriter): readonly MigrationStatement[] {
  const { from, where: isOdd } = oddPlans
  return [
    ...problems(writer).map(({ column, problem, value, where }) =>
      noteFinding(writer, place(column, from), problem, value, `${isOdd} AND (${where})`),
    ),
    noteFinding(
      writer,
      place('automation_profile_name', `${from} ${profileJoin}`),
      'profile-unreadable',
      'plans.automation_profile',
      `${isOdd} AND profile.written IS NOT NULL AND profile.name IS NULL`,
    ),
  ]
}

/**
 * Texts that differ from what migrating down would write for the same meaning. Profiles are
 * preserved separately, because there are many.
 */
function otherTexts(writer: AdoptionWriter) {
  const namespace = writer.before('plans.namespaced_name', '/')
  const otherNamespace = `${writer.isText('plans.namespace')} AND ${writer.isText('plans.namespaced_name')} AND plans.namespace <> ${namespace}`
  return [
    {
      key: 'completed_at',
      value: 'plans.completed_at',
      when: `CASE WHEN plans.completed_at IS NULL THEN plans.applied_at IS NOT NULL ELSE plans.completed_at <> plans.applied_at AND ${writer.instantOfIso('plans.completed_at')} = ${writer.instantOfIso('plans.applied_at')} END`,
    },
    {
      key: 'sandbox_refs',
      value: 'plans.sandbox_refs_json',
      when: `plans.sandbox_refs_json IS NOT NULL AND ${writer.isEmptyList('plans.sandbox_refs_json')}`,
    },
    {
      key: 'error_message',
      value: 'plans.error_message',
      when: `plans.error_message IS NULL AND plans.error_details_json IS NOT NULL AND ${writer.isJsonObject('plans.error_details_json')}`,
    },
    {
      key: 'root_plan_id',
      value: 'plans.root_plan_id',
      when: `plans.root_plan_id IS NOT NULL AND ${writer.isText('plans.root_plan_id')}`,
    },
    { key: 'namespace', value: 'plans.namespace', when: otherNamespace },
    { key: 'namespaced_name', value: 'plans.namespaced_name', when: otherNamespace },
  ]
}

/** The tables joined to the old row of a plan to build its new row. */
export const joins = [
  [rootsTable.name, 'root'],
  [listsTable.name, 'lists'],
  [namesTable.name, 'renamed'],
  [textsTable.name, 'texts'],
]
  .map(([table, alias]) => `LEFT JOIN ${table} AS ${alias} ON ${alias}.plan_id = plans.plan_id`)
  .concat(profileJoin)
  .join('\n')

/** The new row. Strict parsing of a column is used only for rows that were found to need it. */
export function newValues(writer: AdoptionWriter): Readonly<Record<string, string>> {
  const careful = (plain: string, odd: string) =>
    `CASE WHEN coalesce(texts.odd, 0) = 0 THEN ${plain} ELSE ${odd} END`
  const instant = (column: string) =>
    `CASE WHEN texts.plan_id IS NULL THEN ${writer.instantOfPlainIso(`plans.${column}`)} ELSE ${writer.instantOfIso(`plans.${column}`)} END`
  const values: Record<string, string> = {
    root_plan_id: 'coalesce(root.root_plan_id, plans.plan_id)',
    name: 'CASE WHEN plans.parent_plan_id IS NULL THEN coalesce(renamed.name, plans.namespaced_name) END',
    attempt: careful('plans.attempt', `CASE WHEN ${isAttempt(writer)} THEN plans.attempt ELSE 1 END`),
    automation_profile_name: `coalesce(profile.name, ${writer.text(UNNAMED.name)})`,
    automation_profile_provenance: `coalesce(profile.provenance, ${writer.text(UNNAMED.provenance)})`,
    effective_profile_snapshot: "'{}'",
    projects: "coalesce(lists.projects, '[]')",
    arguments: "coalesce(lists.arguments, '[]')",
    invariants: "coalesce(lists.invariants, '[]')",
    error_message: `CASE WHEN plans.error_message IS NULL AND plans.error_details_json IS NOT NULL AND ${writer.isJsonObject('plans.error_details_json')} THEN '' ELSE plans.error_message END`,
    metadata: `CASE WHEN plans.parent_plan_id IS NULL THEN '{}' ELSE ${careful(legacyName(writer), `CASE WHEN ${writer.isText('plans.namespaced_name')} THEN ${legacyName(writer)} ELSE '{}' END`)} END`,
  }
  for (const column of unchanged) values[column] = `plans.${column}`
  for (const role of actorRoles) values[`${role}_actor_name`] = `plans.${role}_actor`
  for (const column of ownTimes) values[column] = `coalesce(${instant(column)}, ${writer.text(EPOCH)})`
  for (const column of laterTimes) values[column] = instant(column)
  for (const [old, column, allowed, other] of wordColumns)
    values[column] = careful(
      `plans.${old}`,
      `CASE WHEN ${isWord(writer, `plans.${old}`, allowed)} THEN plans.${old} ELSE ${other} END`,
    )
  for (const [old, column] of jsonColumns) {
    const other = column === 'sandbox_refs' ? "'[]'" : 'NULL'
    const given = column === 'sandbox_refs' ? `coalesce(plans.${old}, ${other})` : `plans.${old}`
    values[column] = careful(given, `CASE WHEN ${hasShape(writer, old)} THEN plans.${old} ELSE ${other} END`)
  }
  return values
}

const legacyName = (writer: AdoptionWriter) => writer.jsonObject({ legacyName: 'plans.namespaced_name' })
