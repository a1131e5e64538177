// docs/records.md: the fields of every record from its definition, its verbs from the comments of
// its repository, the status machine of tasks and the moves of plans. Rules over several fields are
// functions, so their descriptions are written here.
import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { builtInProfiles } from '../../src/records/automation-profiles/built-in.ts'
import { automationProfileDefinition } from '../../src/records/automation-profiles/definition.ts'
import { automationSteps, stepMeanings } from '../../src/records/automation-profiles/profile.ts'
import { costGroupings } from '../../src/records/cost-records/enums.ts'
import { type Entry, type RecordEntry, typeOf } from '../../src/records/entry.ts'
import type { RecordDefinition } from '../../src/records/model/define-record.ts'
import { planPhases, planStates, statesOfPhase } from '../../src/records/plans/definition.ts'
import { moveFrom, nameOf, planMoves } from '../../src/records/plans/moves.ts'
import { records } from '../../src/records/registry.ts'
import { filterNames, type OwnFilters } from '../../src/records/repository/filters.ts'
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../src/records/repository/page.ts'
import { taskStatuses } from '../../src/records/tasks/definition.ts'
import { taskTransitions } from '../../src/records/tasks/transitions.ts'
import { code, notice, page, table } from './markdown.ts'
import { describe } from './schema-words.ts'
import { classesOf, propertyDocs, readSource, root, type Source, splitDoc } from './source.ts'

/** What of a record is shown; everything follows from its entry and the sources in its folder. */
interface RecordPage {
  readonly title: string
  readonly about: string
  readonly definition: RecordDefinition
  readonly filters: OwnFilters
  readonly folder: string
  /** Classes that declare its verbs; later ones add to earlier ones. */
  readonly verbs: readonly VerbSource[]
  /** Its property of the store: `store.tasks`. */
  readonly property: string
  readonly notes: readonly string[]
}

type VerbSource = readonly [source: Source, className: string]

const TAKEN_OVER =
  'A record with a history elsewhere is taken over with `{ asOf }`: the input says what it was at that instant, which is not in the future, and may have any status, phase and state. `createdAt` is the earliest time that it names, else that instant; `updatedAt` is that instant; no time is after it, and none before `createdAt`. The audit entry says as of when, and in which status or state.'

/**
 * Rules over several fields and filters, by type. A record without an entry has none to explain.
 */
const notesOf: Readonly<Record<string, readonly string[]>> = {
  approval: [
    'It is decided once: [approvals.md](approvals.md). The actor of the store is the one that asks (`requestedBy`) and the one that decides (`decidedBy`).',
    'In a filter, `status` is the status at this moment: a pending one past `expiresAt` is expired.',
    'Approvals of `plans.proceed` have the kind `plan:` and the step, the plan as their subject, and in `details` what was asked: `step`, `planVersion`, `move`, `from`, `confidence`, `threshold`.',
  ],
  decision: [
    'Decisions of a plan form a tree: [plan-records.md](plan-records.md). The root alone has no parent, and is a `prompt_definition`; a plan has one that is live, and its `decisionRootId` names it.',
    'Nothing changes a decision but what supersedes it; the database refuses the rest. In a filter, `live` is true or false: whether `supersededBy` is null.',
    'A parent, influences and spawned plans that are not there are a `ConstraintViolationError`; a parent or an influence that was superseded, a `DecisionSupersededError`.',
  ],
  correction: [
    '`decisions.correct` makes one and carries it out: [plan-records.md](plan-records.md#correct-one). `superseded` and `cancelledPlanIds` say what it did, `failure` why it did nothing.',
  ],
  agent: ['In a filter, `status` is the status at this moment. A beat changes `lastSeenAt` alone.'],
  parked_run: [
    'Lists have everything but the state; `get`, `getMany` and `resume` have it. The filter `resumed` is true or false.',
  ],
  plan: [
    'A plan without a parent is a root: it has a `name`, unique among roots, and is its own `rootPlanId`. A child has no name, and its parent’s root. A parent that does not exist is a `ConstraintViolationError`. A plan never changes its parent, so no cycle can arise.',
    'What `create` leaves out of `description`, `definitionOfDone` and `actors` comes from the action of that name. A name without an action is only a label; an archived action is refused.',
    'In `create`, `automationProfile` is the name of a profile. The level that names one first decides: the plan, its action, its projects (`projectProfile`, or their records, or `projectProfiles` of the configuration; of several the strictest combination), the plan above it, the configuration’s `automationProfile`; otherwise it is `balanced`. What an action or a project names counts below another plan only where it is stricter ([trees.md](trees.md)). The whole profile is frozen as `effectiveProfile`, and the database refuses to change it.',
    'Names of `projects` do not repeat, nor do their aliases, nor the names of `arguments`.',
    'In a filter, `name` may be a pattern (`*` any characters, `?` one), and `project` is the name of one of the plan’s projects.',
    'A plan begins in `action/queued`. Phase and state change by the moves below alone; what the moves set (`attempt`, `error`, `reversionCount`, `cancelReason`, the times) is given neither to `create` nor to `update`. A time is that of the last such move.',
    `${TAKEN_OVER} Of its times, those of the moves into its present phase and state are that instant where the input does not name them; the others stay null, because they are unknown.`,
    'What `update` may change, `create` may set: `lastCompletedStep`, `lastCheckpointId`, `changesetId`, `validationSummary` and the like are what callers keep on a plan in any phase. Moves clear some of them; none of them changes its phase or state.',
  ],
  token: ['[server.md](server.md#tokens) explains how tokens are made and sent. A name is used once.'],
  project: [
    'What plans take from it is explained in [trees.md](trees.md#projects).',
    '`automationProfile` names a profile, and `budget` a budget of the scope `project` with this target, that exist when the project is written.',
  ],
  action: [
    'What a plan’s `arguments` must be is explained in [trees.md](trees.md#arguments-of-an-action).',
    '`automationProfile` names a profile that exists when the action is written.',
    '`state` is a setting, not a history: `update` changes it both ways, and an action may be made archived.',
  ],
  task: [
    'While the status is `created`, `assignedTo` is null. While it is `assigned`, `in_progress`, `in_review`, `completed` or `auth_required`, `assignedTo` is set. In the other statuses either is right.',
    'A task is neither its own parent nor its own dependency, and its assignee is not in its `delegationChain`.',
    'In a filter, `title` is a pattern: `*` stands for any characters, `?` for one. `metadata` compares top-level keys, `{ metadata: { team: "red", size: [1, 2], closed: null } }`: by type and value, a list for any of them, null for a key that is null or not there; objects and lists in the metadata equal nothing. `search` asks for words of the title and the description, as `search` does. `metadata` and `search` have no index: they read every task that the other filters give, so narrow them by a project, a status or a time where there are many.',
    '`counts({ by, …filter })` groups by `status`, `priority`, `type`, `complexity`, `assignee`, `creator`, `project`, `plan` or `parent`, or by several: `counts({ by: ["status", "assignee"], project: "purser" })`.',
    '`planId` names a row of the plans table; a plan that does not exist is a `ConstraintViolationError`. `parentTaskId` and `dependencies` may name tasks that do not exist yet; an id in `dependencies` that names no task keeps the task waiting.',
    'Dependencies that form a cycle are refused (code `cycle`; `ids` has the cycle), whoever writes them at the same time.',
    '`claimId`, `leaseExpiresAt`, `attempt`, `availableAt` and `lastError` are set by the verbs of claims alone. A move by `transition` or `save`, and a change of `assignedTo`, end a claim; a move ends a delay.',
    'A task begins as `created`. After that, `transition` and `save` change its status where the table below allows the step; `update` never does. `claim` moves a ready task to `in_progress`; `complete`, `fail`, `release` and `recover` move it on from there, without the table.',
    `${TAKEN_OVER} \`save\` takes over a task that is not there; one that is there is changed now, as without \`asOf\`.`,
  ],
  cost_record: [
    'A cost above 0 with all token counts 0 is refused.',
    '`cost` is null exactly if `costStatus` is `unpriced`: a cost that is not known is never 0. `priceSource` is there exactly if the cost is `computed`. `reasoningTokens` are at most `outputTokens`, `cacheWrite1hTokens` at most `cacheWriteTokens`: they are parts of them.',
    'Tokens are counted once: `inputTokens` are those that were neither read from a cache nor written to one, and `outputTokens` include those of reasoning. A provider that reports a sum including cached tokens has them subtracted by whoever records the call.',
    'Every total has `unpriced` beside `cost`: how many of its records have no cost. If it is not 0, `cost` is the sum of the others only.',
    'An append that is repeated under its key without a cost is not compared in `cost`, `costStatus` and `priceSource`: the record may have been priced since.',
    'A record that names a task and leaves out `planId` or `project` takes them from the task, as it is when the record is written ([consistency.md](consistency.md#what-a-record-takes-from-its-task)). What it names itself stays; a task that is not there gives nothing, one without a plan its project alone. The plan that a record names gives no project: it may have several. A repeated append is not compared in what it left to the task.',
    'Totals have the range of money too. A record that would take the total of one hour, agent, task, plan, project, provider, model or category, or its sum of tokens, beyond 64 bits is refused (`ConstraintViolationError`), also by an import or a copy, which name the record. A server keeps a total in up to 16 rows, by connection: there each row has this bound, and sums beyond it are exact.',
    "Counts of a total (tokens of each kind, records) are exact up to 9,007,199,254,740,991, the most that one record may have. A total of which one is greater is refused (`InvalidRecordError`, whose issue names the count) and never rounded; with `largeCounts: 'text'` the count is a decimal string, as on the command line; groups that are small enough, such as its days, are given.",
    'A `reservationId` ends the reservation of that id, in the same transaction ([budgets.md](budgets.md)). The answer of an append has `budgets` besides the fields if the record reached a budget: each with its level (`warned`, `exceeded`), what is spent, and the share of its limit.',
    'With `tree: true`, the filter `planId` means the plan and everything below it.',
    `\`aggregate\` groups by any of ${costGroupings.map(code).join(', ')}, and by \`metadata.KEY\`, the value of a key of the metadata. The last four are periods of \`timeZone\`, UTC by default ([costs.md](costs.md)). Where one is among the groups, they are in the order of time; within one, and where there is none, the greatest cost comes first. The database keeps running totals in the transaction of each insert, so these do not read the records: the total of everything; the totals of one grouping; those of some agents, tasks, plans, projects, providers, models or categories. Any other total (of a time range, of two filters, of two groupings, by \`rootPlan\`) adds up the records that the filter finds.`,
  ],
  budget: [
    'Without `scope: "everything"` a budget names its `target`. A plan or a task must be there when the budget is written; projects, agents and models are names.',
    'A plan is counted with everything below it, also with plans that are created later.',
    'Periods begin and end by the clock of `timeZone`: a day has 23 or 25 hours when that is changed. A total has neither begin nor end.',
    'What is held and spent is explained in [budgets.md](budgets.md).',
  ],
  message: [
    '`from` may stand for `sender` in what `append` takes.',
    'A message that has no `parts` reads as one text part with its content.',
    'Keys of `metadata.extra` do not repeat.',
    'The filters `taskId` and `planId` are those of the metadata.',
    'A message whose metadata name a task and leave out `planId` or `projectId` takes them from the task, as it is when the message is written. What it names itself stays; a task that is not there gives nothing. With `idempotent`, what was left to the task is not compared.',
  ],
  audit_entry: [
    'The filter `action` is a whole action or, ending in `*`, the beginning of one: `plan:*`.',
    'An entry that names a task and no plan has the task’s plan, as it is when the entry is written. What the store writes about a task names its plan too, that of its deletion included.',
  ],
}

/** @param parent the folder with the folders of the records, from the repository's root */
function pageOf(entry: RecordEntry, parent: string): RecordPage {
  const { definition, filters, property } = entry
  const folder = `${parent}/${definition.shape.table.replaceAll('_', '-')}`
  const { name } = definition
  return {
    title: name.charAt(0).toUpperCase() + name.slice(1),
    about: aboutOf(readSource(`${folder}/definition.ts`)),
    definition,
    filters,
    folder,
    verbs: verbSourcesOf(entry.repository, [folder, 'src/records/repository']),
    property,
    notes: notesOf[typeOf(definition)] ?? [],
  }
}

/** The comment on the definition. */
function aboutOf(source: Source): string {
  const statement = source.statements.find((each) =>
    /^export const \w+Definition\b/.test(source.textOf(each)),
  )
  const about = statement === undefined ? '' : splitDoc(source.docOf(statement)).prose
  if (about === '')
    throw new Error(`${source.path} has no comment on its definition that says what a record is`)
  return about
}

/** The classes of a repository, the most general one first, with the files that declare them. */
function verbSourcesOf(
  repository: RecordEntry['repository'],
  folders: readonly string[],
): readonly VerbSource[] {
  const names: string[] = []
  for (
    let proto: object = repository.prototype;
    proto !== Object.prototype;
    proto = Object.getPrototypeOf(proto)
  )
    names.unshift(proto.constructor.name)
  const sources = folders.flatMap((folder) =>
    globSync(`${folder}/{*.ts,*/*.ts}`, { cwd: fileURLToPath(root) })
      .sort()
      .map(readSource),
  )
  return names.map((name) => {
    const source = sources.find((each) => classesOf(each).some((found) => found.name === name))
    if (source === undefined) throw new Error(`no file of ${folders.join(' or ')} declares the class ${name}`)
    return [source, name]
  })
}

/** @param folder where the folders of the records are, from the repository's root */
export function recordsPage(entries: readonly Entry[] = records, folder = 'src/records'): string {
  const shown = entries.filter((entry) => entry.property !== null)
  const isProfile = ({ definition }: RecordEntry) => definition === automationProfileDefinition
  return page([
    notice('src/records'),
    '# Records',
    COMMON,
    ...shown.filter((entry) => !isProfile(entry)).flatMap((entry) => recordBlocks(pageOf(entry, folder))),
    ...shown.filter(isProfile).flatMap((entry) => profileBlocks(pageOf(entry, folder))),
  ])
}

const COMMON = `## Common rules

- **Ids.** The caller's, if given; otherwise a [ULID](https://github.com/ulid/spec), made by Purser; \`newId()\` gives one beforehand. Ids are compared and ordered byte by byte: \`a\`, \`A\` and \`á\` are three ids.
- **Text** is stored as given, never trimmed. It must be well-formed Unicode without NUL. Sizes in bytes are those of UTF-8.
- **Times** are \`Date\` with milliseconds, stored in UTC. An input may also be ISO 8601 text with an offset, such as \`2026-01-31T09:30:00Z\`; text without an offset is refused. Years are 1000 to 9999.
- **Money** is a decimal string such as \`"0.001309"\`, exact to the ninth fraction digit and at most 9223372036.854775807. A \`number\` is accepted and rounded half-even at the ninth digit. The stored value is a 64-bit integer of billionths.
- **JSON** is finite, at most 64 levels deep and at most 1 MiB for each field.
- **version** starts at 1 and rises by one with every change. A change names the version it is based on; of several callers with one version exactly one succeeds, the others get a \`VersionConflictError\`.
- **unreadable** is on every record that is read: the names of fields whose stored value cannot be read. Such a field reads as null, as an empty list or object, or as the empty string, and an update keeps its bytes unless the patch names it. When an id, a word of a closed list, a number or a time cannot be read, \`get\` throws a \`CorruptRecordError\`, and lists skip the row and name it in \`corrupt\`.
- **Filters.** A value means equality, a list any of its values (at most 500), null "has none"; several fields mean AND. Where the record has them: \`since\` (inclusive) and \`until\` (exclusive) bound the time by which lists are ordered, \`updatedAfter\` and \`updatedBefore\` (both exclusive) that of the last change. A range that ends before it begins is refused; one that ends where it begins is empty.
- **Pages** take \`{ limit, cursor, order }\`: ${DEFAULT_LIMIT} records by default, 1 to ${MAX_LIMIT}; \`asc\` or \`desc\`, where the record’s own order is the default. They give \`{ items, nextCursor, corrupt }\`; \`nextCursor\` is null on the last page. A cursor survives inserts and deletes, and is refused by any other list, filter or order.

In the tables below, **given by** says where a value comes from when a record is made; **change** whether \`update\` may name the field; **filter** whether lists can be filtered by it.`

function recordBlocks(record: RecordPage): readonly string[] {
  const { definition, title, property } = record
  const { fields, direction } = definition.order
  const words = { asc: 'ascending', desc: 'descending' }
  return [
    `## ${title}`,
    record.about,
    `\`store.${property}\`; table \`${definition.shape.table}\`; lists are ordered by ${fields.map(code).join(', then ')}, ${words[direction]}.`,
    fieldTable(record),
    [filterNote(record), ...record.notes].map((note) => `- ${note}`).join('\n'),
    ...(definition.shape.table === 'tasks' ? ['### Statuses', statusTable(), STATUS_NOTE] : []),
    ...(definition.shape.table === 'plans'
      ? ['### Phases, states and moves', statesTable(), moveTable(), MOVE_NOTE]
      : []),
    `### Verbs of ${property}`,
    verbTable(record),
  ]
}

function filterNote({ definition, filters }: RecordPage): string {
  return `Filters: ${filterNames(definition, filters).map(code).join(', ')}.`
}

/** Fields whose rule is too long for a cell; the notes describe them. */
const elsewhere: ReadonlySet<string> = new Set(['status'])

function fieldTable({ definition, folder }: RecordPage): string {
  const docs = propertyDocs(readSource(`${folder}/definition.ts`), 'fields')
  const appendOnly = !definition.columns.some(({ field }) => field === 'version')
  return table(
    ['field', 'type', 'given by', 'default', 'rule', 'column', ...(appendOnly ? [] : ['change']), 'filter'],
    definition.columns.map(({ field, member, name, spec }) => {
      const { type, rule } = describe(spec.schema() as z.ZodType)
      const doc = elsewhere.has(field) ? '' : (docs.get(field) ?? '')
      return [
        code(member === undefined ? field : `${field}.${member}`),
        type,
        givenBy(spec.given, member === undefined ? madeValue(definition, field) : undefined),
        member === undefined
          ? defaultOf(definition, field, spec)
          : spec.given === 'optional' || spec.given === 'historic'
            ? code('null')
            : '',
        [rule, doc].filter(Boolean).join('. '),
        code(name),
        ...(appendOnly ? [] : [spec.updatable ? 'yes' : '']),
        spec.filterable ? 'yes' : '',
      ]
    }),
  )
}

type Spec = RecordDefinition['columns'][number]['spec']

function madeValue({ key, columns }: RecordPage['definition'], field: string): string | undefined {
  const spec = columns.find((column) => column.field === field)?.spec
  if (spec?.given !== 'optional' || spec.initial !== undefined) return undefined
  if (field === key.field) return 'a ULID'
  if (field === 'rootPlanId') return 'the parent’s root, or the plan itself'
  if (field === 'actor') return 'of `store.as(…)`, or `system`'
  if (field === 'costStatus') return '`reported` with a cost, `unpriced` without one'
  if (spec.kind === 'instant') return 'now'
  throw new Error(`it is not written what ${field} is when it is left out`)
}

function givenBy(given: Spec['given'], made: string | undefined): string {
  if (given === 'managed') return 'Purser'
  if (given === 'required') return 'the caller'
  if (given === 'historic') return 'Purser; the caller with `asOf`'
  return made === undefined ? 'the caller, or the default' : 'the caller, or Purser'
}

function defaultOf(definition: RecordPage['definition'], field: string, spec: Spec): string {
  if (spec.given === 'required') return ''
  if (spec.given === 'managed' || (spec.given === 'historic' && spec.kind === 'instant'))
    return managedValue(field, spec)
  return madeValue(definition, field) ?? code(shortest(spec.initial))
}

function managedValue(field: string, spec: Spec): string {
  if (field === 'version' || field === 'sequence') return '1, then + 1'
  if (spec.kind !== 'instant') return ''
  return spec.nullable ? 'the time of the move' : 'the time of the write'
}

/** Objects whose members are all empty are shown as `{}`. */
function shortest(value: unknown): string {
  const text = JSON.stringify(value, (_key, member) =>
    member === null || (Array.isArray(member) && member.length === 0) ? undefined : member,
  )
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? text : JSON.stringify(value)
}

function statusTable(): string {
  return table(
    ['from', 'to'],
    taskStatuses.map((status) => {
      const targets = taskTransitions[status]
      return [code(status), targets.length === 0 ? 'nowhere: it is final' : targets.map(code).join(', ')]
    }),
  )
}

const STATUS_NOTE =
  '`transition` checks this table before it writes, and the statement that writes checks it again. A step that is not in the table is an `InvalidTransitionError`, and changes nothing.'

function statesTable(): string {
  return table(
    ['phase', 'states'],
    planPhases.map((phase) => [code(phase), statesOfPhase[phase].map(code).join(', ')]),
  )
}

function moveTable(): string {
  const places = planPhases.flatMap((phase) => planStates.map((state) => ({ phase, state })))
  return table(
    ['move', 'from', 'to', 'stamps'],
    planMoves.flatMap((move) => {
      const possible = places
        .filter(({ phase, state }) => statesOfPhase[phase].includes(state))
        .flatMap((from) => {
          const to = moveFrom(from, move)
          return to ? [{ from: nameOf(from), to: nameOf(to), stamps: to.stamps }] : []
        })
      const targets = [...new Set(possible.map(({ to }) => to))]
      return targets.map((to) => {
        const led = possible.filter((one) => one.to === to)
        const stamps = led[0]?.stamps
        return [
          code(move),
          led.map(({ from }) => code(from)).join(', '),
          code(to),
          stamps === undefined ? '' : code(stamps),
        ]
      })
    }),
  )
}

const MOVE_NOTE =
  '`retry` raises `attempt` by one and clears the error. `revert` raises `reversionCount` by one and clears the error; a fourth is a `ReversionLimitError`. A plan that is `applied` or `cancelled` stays so. Any other move is an `InvalidTransitionError`, and changes nothing.'

function profileBlocks(record: RecordPage): readonly string[] {
  const flag = (value: boolean) => (value ? 'yes' : 'no')
  return [
    '## Automation profile',
    'How far a plan may go without a human. Nine are built in and cannot be edited; one’s own are named `namespace/name`, and are made with `store.automationProfiles`, or out of a YAML or JSON file with `parseAutomationProfile` and `purser profiles add`. Plans keep the copy that they were made with.',
    'A threshold of 0 always lets the step happen by itself, one of 1 never does; in between it takes a confidence of at least the threshold. `gate(plan, step, confidence)` answers `auto` or `human`, and `plans.proceed` acts on it; the moves themselves do not ask it.',
    table(
      ['threshold', 'decides whether to', ...builtInProfiles.keys()],
      automationSteps.map((step) => [
        code(step),
        stepMeanings[step],
        ...[...builtInProfiles.values()].map((profile) => String(profile[step])),
      ]),
    ),
    table(
      ['flag', ...builtInProfiles.keys()],
      (['requireSandbox', 'requireCheckpoints', 'allowUnsafeTools'] as const).map((name) => [
        code(name),
        ...[...builtInProfiles.values()].map((profile) => flag(profile[name])),
      ]),
    ),
    'Besides, a profile has a `description`, `guards` (`maxCostUsd`, money that a number holds exactly and is read as one, `maxTokens` and `maxToolCalls`, each a number or null for no bound, and `deniedTools`), and `schemaVersion`, which is `"1.0"`. In one’s own, thresholds are required; the flags are those of `balanced` and the guards are empty unless given. The guards act on plans on which the profile is frozen: `plans.mayUse` asks `deniedTools`, `maxToolCalls` and `maxTokens`, `budgets.reserve` asks `maxCostUsd` and `maxTokens`; all but the first count everything below the plan, and a cost that was incurred is recorded all the same ([budgets.md](budgets.md#limits-of-a-plans-profile)). Unknown keys are errors.',
    '### Verbs of automationProfiles',
    verbTable(record),
  ]
}

/** Verbs whose names are self-explanatory. */
const selfEvident: Readonly<Record<string, string>> = { count: 'How many records the filter finds.' }

function verbTable({ verbs: sources }: Pick<RecordPage, 'verbs'>): string {
  const verbs = new Map<string, readonly string[]>()
  for (const [source, name] of sources) {
    const found = classesOf(source).find((each) => each.name === name)
    if (!found) throw new Error(`${source.path} declares no class ${name}`)
    for (const member of found.node.body.body) {
      if (member.type !== 'MethodDefinition' || member.kind !== 'method') continue
      if (member.key.type !== 'Identifier' || member.accessibility === 'protected') continue
      const { prose, throws } = splitDoc(source.docOf(member))
      const verb = member.key.name
      // A verb redeclared with a narrower type keeps the description of the first.
      if (prose === '' && verbs.has(verb)) continue
      const parameters = member.value.params.map((parameter) => {
        const target = parameter.type === 'AssignmentPattern' ? parameter.left : parameter
        return target.type === 'Identifier'
          ? target.name + (target.optional || target !== parameter ? '?' : '')
          : '…'
      })
      verbs.set(verb, [code(`${verb}(${parameters.join(', ')})`), prose || selfEvident[verb] || '', throws])
    }
  }
  return table(['verb', 'does', 'throws'], [...verbs.values()])
}
