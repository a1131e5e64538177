// docs/errors.md: every code and class of src/errors.ts. What to do about each is written here; the
// compiler checks that no code is left out.
import { globSync, readFileSync } from 'node:fs'
import { type ErrorCode, errorCodes } from '../../src/errors.ts'
import { code, notice, page, table } from './markdown.ts'
import { type ClassSource, classesOf, oneLine, readSource, root, type Source, typeText } from './source.ts'

/** The files that declare errors. */
const sources: readonly string[] = ['src/values/base-error.ts', 'src/errors.ts', 'src/values/plan-errors.ts']

const remedies = {
  CONNECTION_FAILED:
    'Read the message: it names the path or the setting. Correct the configuration, or call `connect()` first. Repeat the call only when `retryable` is true.',
  MIGRATION_FAILED:
    'Nothing of the failed step is stored. `details` has one line per reason; see [migrations.md](migrations.md).',
  INVALID_RECORD: 'Correct the input. `issues` has every fault with its path, a stable code and a sentence.',
  INVALID_TRANSITION: 'Read the record again and choose one of `allowed`.',
  RECORD_NOT_FOUND: 'Check the id; the record may have been deleted.',
  DUPLICATE_RECORD: 'Take another id, or read the record that is there. Nothing was written.',
  VERSION_CONFLICT:
    'Read the record again, decide anew whether the change still makes sense, then repeat it with the new version.',
  CONSTRAINT_VIOLATION: 'Check the ids that the record names; `constraint` says which kind of rule it is.',
  CORRUPT_RECORD:
    'Look at the row with a database tool; Purser leaves it as it is. Lists skip it and name it in `corrupt`.',
  REVERSION_LIMIT: 'Decide about the plan by hand.',
  PLAN_ENDED: 'Make it below a plan that is live, or as a root.',
  PLAN_HAS_CHILDREN: 'Delete or end the children first, or the whole tree.',
  BUDGET_EXCEEDED:
    '`budget` names the budget with the least left. Wait until reservations end or the next period begins, ask for less, or raise the limit. The limits of a guard (`guard:` and the id of a plan) stay: go on in another plan.',
  DECISION_SUPERSEDED:
    '`by` names the decision that took its place. Read the tree of the plan again (`decisions.tree`), and refer to a live one.',
  SELF_APPROVAL:
    'Let another actor decide (`store.as(…)`), or set `selfApproval: true` in the configuration where one person is all there is.',
  GATE_CLOSED:
    'Ask for the approval with `plans.proceed`, let a human make the move (`store.as(human:ada)`), or override the rule `gate` with a reason.',
  PREFLIGHT_FAILED:
    'Put right what `findings` says; `plans.preflight` shows it without moving. Or override the rules by name, with a reason.',
  TOOL_DENIED: 'Ask `plans.mayUse` first, and append what it denies with the verdict `deny`.',
  NOT_REQUESTER: 'Reject it instead, or let the actor that asked withdraw it.',
  MIXED_CURRENCY: 'Filter by one currency, or add `currency` to `by`.',
  LEASE_LOST:
    'Stop working on the task and drop the result: another worker may have it. Claim the next one. A longer lease, or more heartbeats, make it rarer.',
  TRANSACTION_CONFLICT:
    'Run the same work again, or pass `{ retry: true }` to `transaction` when it is safe to repeat.',
  TRANSFER_FAILED:
    'Read the message: it names the line and what to do. `transferred` counts what is stored; the same call continues from there.',
  CHANGES_GONE:
    'Take `changes.head()`, read the lists anew, then follow from that position. To keep changes for longer, raise `changes.keep`.',
  TIMEOUT: 'Repeat the call; when it happens often, find who holds the lock, or raise `busyTimeout`.',
  QUERY_FAILED:
    'Read the message. It says when a disk is full, a file is read-only or damaged, or a transaction was used wrongly.',
} as const satisfies Record<ErrorCode, string>

/** Names of the classes that src instantiates. */
function thrownClasses(): ReadonlySet<string> {
  const files = globSync('src/**/*.ts', { cwd: root }).filter((path) => !sources.includes(path))
  const made = files.flatMap((path) => [
    ...readFileSync(new URL(path, root), 'utf8').matchAll(/\bnew (\w+Error)\(/g),
  ])
  return new Set(made.map(([, name]) => name as string))
}

type ErrorClass = ClassSource & { readonly source: Source }

export function errorsPage(): string {
  const classes = sources
    .map(readSource)
    .flatMap((source) => classesOf(source).map((each) => ({ ...each, source })))
  const thrown = thrownClasses()
  const base = classes.find(({ name }) => name === 'PersistenceError')
  if (!base) throw new Error('no file declares PersistenceError')
  const codes = Object.keys(errorCodes) as ErrorCode[]
  return page([
    notice('src/errors.ts'),
    '# Errors',
    'Every error that Purser throws is a `PersistenceError`. The set is closed: each has one of the codes below, says whether the same call can succeed later without being changed (`retryable`), and keeps the error of the driver as `cause`. Messages name ids, tables, lengths and codes. They never hold the content of a record, the parameters of a statement or a password.',
    EXAMPLE,
    'All classes are exported by `purser` and by `purser/errors`, which loads nothing else.',
    '## Codes',
    table(
      ['code', 'class', 'retryable', 'means', 'what to do'],
      codes.map((name) => [
        code(name),
        code(classNameOf(classes, name)),
        errorCodes[name].retryable ? 'yes' : 'no',
        errorCodes[name].summary +
          (thrown.has(classNameOf(classes, name)) ? '' : ' Not thrown by this version.'),
        remedies[name],
      ]),
    ),
    'One error can differ from its code: `retryable` of a `PersistenceConnectionError` is false where only a change of the configuration or of the file helps (a wrong setting, a damaged file, a store that was never connected), and that of a `QueryError` is true after an input/output error of the disk.',
    '## Properties',
    table(['class', 'property', 'type', 'meaning'], classes.flatMap(propertyRows)),
    'Every class also has `name` (its own), `message` and `cause`.',
    '## Issues',
    'An `Issue` of an `InvalidRecordError` has `path` (keys and indexes from the input on, for example `["acceptanceCriteria", 0, "met"]`), `code` and `message`. Codes are stable; messages may become better.',
    table(
      ['code', 'means'],
      issueCodes.map(([name, meaning]) => [name.split(', ').map(code).join(', '), meaning]),
    ),
  ])
}

const issueCodes: readonly (readonly [string, string])[] = [
  ['required', 'a field that the caller has to give is missing'],
  ['type', 'the value has another type'],
  ['unknown_key', 'the record has no such field'],
  ['unknown_option', 'the call has no such option; the message lists those there are'],
  ['unreadable_input', 'reading the input throws, or it is a proxy, so that nothing can be checked of it'],
  ['cyclic', 'the input refers to itself'],
  ['fixed_field', 'a patch names a field that no update changes'],
  [
    'beginning',
    'a new record has a value that only its verbs give it; move it there, or take it over with `asOf`',
  ],
  ['future', '`asOf` is in the future'],
  ['cycle', 'the dependencies of tasks form a cycle; `ids` of the issue has it, each depending on the next'],
  ['past', "a time that has to be in the future is past by the database's clock"],
  ['after_as_of', 'a time of a record that is taken over is after `asOf`'],
  ['after_other', '`createdAt` of a record that is taken over is after another of its times'],
  ['not_allowed', 'the value is none of the words of the list'],
  ['too_small, too_big', 'a number is out of its range'],
  ['too_long', 'a text, bytes or a JSON field are too large; the message has both lengths'],
  ['blank', 'a text has nothing but white space'],
  ['empty', 'bytes that are none'],
  [
    'control_character, nul_character, lone_surrogate',
    'a text has a character that cannot be stored alike on every engine',
  ],
  [
    'money_not_decimal, money_too_precise, money_negative, money_too_large, money_not_finite, money_inexact, money',
    'an amount is not one that can be stored exactly',
  ],
  [
    'sum_too_large',
    'a total has a count that no number holds exactly; the message says what to do, and `largeCounts: "text"` gives it as text',
  ],
  ['ulid', 'an id is not a ULID where it has to be'],
  ['currency', 'a currency is not three capital letters'],
  ['instant', 'a time is no `Date` and no ISO 8601 text with an offset'],
  ['bytes', 'a value is no `Uint8Array`'],
  ['iso_date', 'a deadline is no ISO 8601 date or date-time'],
  ['qualified_name', 'a name is not `namespace/name`'],
  ['form', 'a text does not have the form that it needs; the message says which'],
  ['json, json_depth', 'a value is not finite JSON, or is deeper than 64 levels'],
  ['repeated', 'a list that must not repeat an item does'],
  ['shape', 'a value has none of the allowed shapes'],
  ['rule', 'a rule over several fields does not hold'],
  ['root', 'a plan names a root that is not the one of its parent'],
  ['archived', 'a plan names an action that is archived'],
  ['unknown_profile', 'no automation profile has the name; the message lists those there are'],
  ['built_in', 'a built-in automation profile would be changed'],
  [
    'guard',
    'a budget begins with `guard:`: it belongs to the frozen profile of a plan, and no caller changes it',
  ],
  ['repeated_key', 'a file has a field twice, in two spellings; keep one of them'],
  ['not_ending', '`tree` was given to a move that ends no plan; leave it out'],
  ['syntax', 'a file is neither valid YAML nor valid JSON'],
  ['unreadable', 'a stored definition cannot be read, so that nothing can be made of it'],
  [
    'unknown_filter, choices',
    'a filter names a field that cannot be filtered by, or has a list with too few or too many values',
  ],
  ['range', 'a range ends before it begins'],
  ['pruned_hour', 'a time range of costs divides an hour whose records were pruned'],
  ['retention', 'an age is none, or less than a day; or nothing says what to prune'],
  ['limit, cursor', 'a page has a limit out of range, or a cursor of another list'],
  ['time_zone', 'a name is none of a time zone of the IANA database'],
  ['duration', 'a length of time is not one that can be read, or is out of its range'],
  ['unknown_budget', 'a project names a budget that is not there, or counts something else'],
  [
    'argument_definition',
    'the definition of an argument contradicts itself, such as a default outside of its bounds',
  ],
  ['past', 'a token would have expired already'],
  ['unknown_setting', 'Purser reads no setting of this name; the message lists those there are'],
  ['unknown_target', 'a budget names a plan or a task that is not there'],
  ['pruned_period', 'a period of a report of costs divides an hour whose records were pruned'],
  ['step', 'a step of `plans.proceed` is none of an automation profile, or means no move'],
  ['position', 'a position of the feed of changes is changed, or of another database'],
  [
    'grouping, tree, subject, words, both, gate, head, action',
    'an option of one verb is wrong; the message says how',
  ],
]

const EXAMPLE = `\`\`\`ts
import { InvalidRecordError, openStore, VersionConflictError } from 'purser'

const store = await openStore('sqlite::memory:')
const task = await store.tasks.create({
  title: 'Sort the mail', description: 'Everything that came in since Monday', project: 'office', createdBy: 'ada', type: 'admin',
})
await store.tasks.update(task.id, { priority: 'high' }, { version: 1 })
try {
  await store.tasks.update(task.id, { priority: 'low' }, { version: 1 })
} catch (error) {
  if (!(error instanceof VersionConflictError)) throw error
  console.log(error.code, error.retryable, error.expected, error.actual)
}
try {
  await store.costRecords.append({ agentId: 'ada', provider: '', model: 'small-1', inputTokens: -1, outputTokens: 0, cost: '0.0000000001' })
} catch (error) {
  if (!(error instanceof InvalidRecordError)) throw error
  for (const issue of error.issues) console.log(issue.path.join('.'), issue.code, issue.message)
}
await store.close()
\`\`\`

\`\`\`text
VERSION_CONFLICT false 1 2
provider blank must not be blank
inputTokens too_small must be at least 0
cost money_too_precise must have at most 9 digits after the point
\`\`\``

function classNameOf(classes: readonly ErrorClass[], name: ErrorCode): string {
  const found = classes.filter(({ source, node }) => source.textOf(node).includes(`'${name}'`))
  const [only] = found
  if (!only || found.length > 1) throw new Error(`the code ${name} belongs to ${found.length} classes`)
  return only.name
}

function propertyRows({ name, node, source }: ErrorClass): readonly (readonly string[])[] {
  return node.body.body.flatMap((member) => {
    if (member.type !== 'PropertyDefinition' || member.key.type !== 'Identifier' || !member.typeAnnotation)
      return []
    const property = member.key.name
    const doc = oneLine(source.docOf(member)) || meanings[`${name}.${property}`] || meanings[property]
    if (!doc) throw new Error(`${name}.${property} of ${source.path} has no description`)
    return [[code(name), code(property), code(typeText(source, member.typeAnnotation.typeAnnotation)), doc]]
  })
}

/** Properties whose names are nearly self-explanatory in the source. */
const meanings: Readonly<Record<string, string>> = {
  code: 'One of the codes above.',
  currency: 'The currency of the amounts.',
  issues: 'Everything that is wrong with the input.',
  table: 'The table of the row.',
  id: 'The id of the row.',
  column: 'The column that cannot be read.',
  from: 'The status that the record has.',
  to: 'Where it should have gone.',
  allowed: 'Where it may go; empty when it is final.',
  expected: 'The version that the change was based on.',
  actual: 'The version that is stored.',
  constraint: 'The kind of rule, as far as the engine tells it: `foreign key`, `check`, `unique`, …',
  limit: 'The most reversions that a plan may have.',
  count: 'How many children there are.',
  currencies: 'The currencies that were found.',
}
