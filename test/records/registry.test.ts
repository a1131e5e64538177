// A new record is a folder and a line of the registry (and a migration, which creates its table).
// Here one that Purser does not have is added to the list, and found wherever every record is.

import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { expect, expectTypeOf, test } from 'vitest'
import { namesModule } from '../../scripts/reference/names-module.ts'
import { recordsPage } from '../../scripts/reference/records-page.ts'
import { countEach } from '../../src/cli/commands/count-records.ts'
import { recordAmong } from '../../src/cli/flags/record-names.ts'
import { layoutStatements } from '../../src/engines/core/layout-statements.ts'
import { openStore, recordTypes, type Store, type TaskRepository } from '../../src/index.ts'
import { schemaOf } from '../../src/migrations/declared-schema.ts'
import { compareSchemas } from '../../src/migrations/drift.ts'
import { definitionsOf, namesOf, type RepositoriesOf, repositoriesOf } from '../../src/records/entry.ts'
import { recordNames } from '../../src/records/names.ts'
import { records } from '../../src/records/registry.ts'
import type { RecordSession } from '../../src/records/repository/session.ts'
import { internalsOf } from '../../src/store/store-internals.ts'
import { recordKindsOf } from '../../src/transfer/rows/record-kind.ts'
import { noteEntry } from '../support/records/side-notes/entry.ts'
import type { NoteRepository } from '../support/records/side-notes/repository.ts'

const entries = [...records, noteEntry] as const
const names = namesOf(entries)

/** A store in memory whose database has the table of notes too. */
async function storeWithNotes(): Promise<{ store: Store; session: RecordSession }> {
  const store = await openStore('sqlite::memory:')
  const { engine } = internalsOf(store)
  const statements = layoutStatements(noteEntry.definition.layouts, engine.schema.writer(new Date()))
  await engine.schema.exclusively(async (session) => {
    for (const { sql } of statements) await session.execute(sql)
  })
  return { store, session: Reflect.get(store.tasks, 'session') }
}

test('the repositories have it, with its own type, and it works', async () => {
  const { store, session } = await storeWithNotes()
  const repositories = repositoriesOf(entries, session)
  expect(Object.keys(repositories)).toEqual([
    'actions',
    'automationProfiles',
    'projects',
    'plans',
    'decisions',
    'corrections',
    'planCheckpoints',
    'planSteps',
    'tasks',
    'budgets',
    'costRecords',
    'messages',
    'agents',
    'approvals',
    'parkedRuns',
    'settings',
    'tokens',
    'audit',
    'notes',
  ])
  expectTypeOf(repositories.notes).toEqualTypeOf<NoteRepository>()
  expectTypeOf(repositories.tasks).toEqualTypeOf<TaskRepository>()
  expectTypeOf<keyof RepositoriesOf<typeof records>>().toEqualTypeOf<
    | 'actions'
    | 'automationProfiles'
    | 'projects'
    | 'plans'
    | 'decisions'
    | 'corrections'
    | 'planCheckpoints'
    | 'planSteps'
    | 'tasks'
    | 'budgets'
    | 'costRecords'
    | 'messages'
    | 'agents'
    | 'approvals'
    | 'parkedRuns'
    | 'settings'
    | 'tokens'
    | 'audit'
  >()
  const note = await repositories.notes.create({ title: 'Mind the gap' })
  expect(await repositories.notes.get(note.id)).toEqual(note)
  await store.close()
})

test('its table is declared, and drift knows its name', async () => {
  const { store } = await storeWithNotes()
  const { engine } = internalsOf(store)
  const declared = await engine.schema.expected(schemaOf(definitionsOf(entries)))
  expect(declared.tables.map(({ name }) => name)).toContain('side_notes')
  expect(compareSchemas(declared, await engine.schema.introspect())).toEqual([])
  await engine.schema.exclusively((session) => session.execute('DROP TABLE side_notes'))
  expect(compareSchemas(declared, await engine.schema.introspect())).toMatchObject([
    { table: 'side_notes', kind: 'table' },
  ])
  await store.close()
})

test('status and migrate count it', async () => {
  const { store, session } = await storeWithNotes()
  const repositories = repositoriesOf(entries, session)
  await repositories.notes.create({ title: 'One' })
  expect(await countEach(repositories, names)).toEqual({
    actions: 0,
    automation_profiles: 0,
    projects: 0,
    plans: 0,
    decisions: 0,
    corrections: 0,
    plan_checkpoints: 0,
    plan_steps: 0,
    tasks: 0,
    budgets: 0,
    cost_records: 0,
    messages: 0,
    agents: 0,
    approvals: 0,
    parked_runs: 0,
    settings: 0,
    tokens: 0,
    audit_entries: 1,
    side_notes: 1,
  })
  await store.close()
})

test('transfer moves it after what it refers to', () => {
  const kinds = recordKindsOf(definitionsOf(entries)).map(({ type }) => type)
  const stored = recordTypes.filter((type) => type !== 'finding' && type !== 'original')
  expect(kinds).toEqual([...stored, 'side_note', 'finding', 'original'])
})

test('the command line knows its names', () => {
  for (const word of ['side_note', 'sideNotes', 'side-notes', 'Side Note', 'remark', 'remarks'])
    expect(recordAmong(names, word), word).toBe('side_note')
  expect(recordAmong(names, 'notebook')).toBeUndefined()
  expect(namesModule(names)).toContain("  'side_note',\n] as const")
})

test('the reference has its fields, filters and verbs', () => {
  const page = recordsPage([noteEntry], 'test/support/records')
  expect(page).toContain('## Side note\n\nA remark of an agent.\n\n`store.notes`; table `side_notes`;')
  expect(page).toMatch(/\| `title` \|.*Shown in lists/)
  expect(page).toContain('Filters: `title`, `taskId`.')
  expect(page).toContain('| `create(input)` | Stores a note. | DuplicateRecordError |')
  expect(page).toContain('| `getMany(ids)` |')
})

test('the names in names.ts are those of the registry', () => {
  expect(recordNames).toEqual(namesOf(records))
})

test('no two records share a name, and each comes after those that it refers to', () => {
  const words = names.flatMap(({ type, aliases }) => [type, ...aliases])
  expect(new Set(words).size).toBe(words.length)
  const before = new Set<string>()
  for (const { shape } of definitionsOf(entries)) {
    before.add(shape.table)
    for (const { table } of shape.references) expect(before, shape.table).toContain(table)
  }
})

/** What a record without a command of its own changes in src and scripts, besides its folder. */
const outside = [
  'src/records/registry.ts',
  'src/migrations/chain.ts',
  'src/index.ts',
  'src/observability/events.ts',
  'scripts/reference/records-page.ts',
  'src/conformance/support/record-samples.ts',
]

test('CONTRIBUTING names the files that a record changes, and how many they are', () => {
  const [, section = ''] =
    /\n\*\*A record\*\*([\s\S]*?)\n\*\*/.exec(readFileSync('CONTRIBUTING.md', 'utf8')) ?? []
  expect(section).toContain('three files in its folder, a migration, and a place in six files')
  for (const path of outside) {
    expect(section, path).toContain(`\`${path.replace('src/migrations/chain.ts', 'chain.ts')}\``)
    expect(existsSync(path), path).toBe(true)
  }
  const folder = readdirSync('test/support/records/side-notes').sort()
  expect(folder).toEqual(['definition.ts', 'entry.ts', 'repository.ts'])
})

test('rooms that treat all records alike name none of them', () => {
  const alike =
    'src/{store,engines,migrations,transfer,config,observability,cli/run,cli/flags,cli/screen}/**/*.ts'
  const naming = globSync(alike).filter((path) =>
    /from '[^']*\/records\/(?!model\/|repository\/)[a-z-]+\/[^']*'/.test(readFileSync(path, 'utf8')),
  )
  expect(naming.sort()).toEqual([])
})
