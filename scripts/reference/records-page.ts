// docs/records.md: the fields of every record from its definition, its verbs from the comments of
// its repository, the status machine of tasks and the moves of plans. Rules over several fields are
// functions, so their descriptions are written here.
import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { builtInProfiles } from '../../src/records/automation-profiles/built-in.ts'
import { automationProfileDefinition } from '../../src/records/automation-profiles/definition.ts'
import { automationSteps, stepMeanings } from '../../src/records/automation-profiles/profile.ts'
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
import { notesOf } from './record-notes.ts'
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
  if (field === 'step') return 'the `lastCompletedStep` of the plan'
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
  '`retry` raises `attempt` by one and clears the error. `redo` counts nothing, and drops the steps that were recorded. `revert` raises `reversionCount` by one and clears the error; a fourth is a `ReversionLimitError`. A plan that is `applied` or `cancelled` stays so. Any other move is an `InvalidTransitionError`, and changes nothing.'

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
