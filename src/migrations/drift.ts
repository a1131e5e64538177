// Drift: differences between a database's schema and the one this build declares, because it was
// changed by hand or a restore was incomplete. Covers Purser's tables with everything on them, and
// unknown tables with names that Purser uses. Tables of other programs are ignored. Changes and
// writes nothing.

import type { Engine } from '../engines/contract/engine.ts'
import type {
  LiveColumn,
  LiveForeignKey,
  LiveIndex,
  LiveSchema,
  LiveTable,
} from '../engines/contract/schema.ts'
import { MigrationError } from '../errors.ts'
import { declaredSchema } from './declared-schema.ts'
import { latestVersion, type SchemaState } from './schema-state.ts'

/** The kind of object that differs. */
export type DifferenceKind =
  | 'table'
  | 'options'
  | 'column'
  | 'type'
  | 'nullability'
  | 'default'
  | 'primary key'
  | 'computed value'
  | 'foreign key'
  | 'check'
  | 'index'
  | 'trigger'

/** One difference between the declared schema and the live one, in the engine's words. */
export interface SchemaDifference {
  readonly table: string
  readonly column?: string
  readonly kind: DifferenceKind
  /** The declared state; null if the object is not declared. */
  readonly declared: string | null
  /** The live state; null if the object does not exist. */
  readonly live: string | null
}

/**
 * Compares the live schema with the declared one; empty if they are the same.
 * @throws MigrationError when the database is at another version than this build
 */
export async function findDrift(
  engine: Engine,
  state: Pick<SchemaState, 'version'>,
): Promise<readonly SchemaDifference[]> {
  const version = await state.version()
  if (version !== latestVersion) throw otherVersion(version)
  return compareSchemas(await engine.schema.expected(declaredSchema), await engine.schema.introspect())
}

function otherVersion(version: number): MigrationError {
  if (version === 0)
    return new MigrationError('this is not a database of Purser, or not yet; run purser migrate first')
  const what = `the database is at version ${version}, and this build knows the layout of version ${latestVersion}`
  return new MigrationError(
    version < latestVersion ? `${what}; run purser migrate first` : `${what}; use the build that migrated it`,
  )
}

/** Names that a table of another program must not have. */
function isReserved(name: string, declared: LiveSchema): boolean {
  return name.startsWith('purser_') || declared.tables.some((table) => name.startsWith(`${table.name}__`))
}

/**
 * Every difference by table, and within a table: the table itself, columns, keys, checks, indexes,
 * triggers.
 */
export function compareSchemas(declared: LiveSchema, live: LiveSchema): readonly SchemaDifference[] {
  return pair(declared.tables, live.tables, ({ name }) => name).flatMap((tables) => {
    const [should, is] = tables
    if (should && is) return compareTables(should, is)
    const name = (should ?? is)?.name ?? ''
    if (is && !isReserved(name, declared)) return []
    return [{ table: name, kind: 'table', ...described(tables, describeTable) }]
  })
}

type Found = Omit<SchemaDifference, 'table'>

function compareTables(declared: LiveTable, live: LiveTable): readonly SchemaDifference[] {
  const found: Found[] = [
    ...compare('options', optionsOf(declared), optionsOf(live)),
    ...pair(declared.columns, live.columns, ({ name }) => name).flatMap(compareColumns),
    ...pair(declared.foreignKeys, live.foreignKeys, columnsOf).flatMap(compareKeys),
    ...pair(numbered(declared.checks), numbered(live.checks), ({ key }) => key).flatMap((checks) =>
      compareDescribed('check', checks, ({ text }) => text),
    ),
    ...pair(declared.indexes, live.indexes, ({ name }) => name).flatMap((indexes) =>
      compareDescribed('index', indexes, describeIndex),
    ),
    ...pair(declared.triggers, live.triggers, ({ name }) => name).flatMap((triggers) =>
      compareDescribed('trigger', triggers, ({ definition }) => definition),
    ),
  ]
  return found.map((difference) => ({ table: declared.name, ...difference }))
}

/** What exists on one side, the other, or both. */
type Pair<T> = readonly [declared: T | undefined, live: T | undefined]

function pair<T>(declared: readonly T[], live: readonly T[], keyOf: (item: T) => string): readonly Pair<T>[] {
  const keys = new Set([...declared, ...live].map(keyOf))
  return [...keys].map((key) => {
    const named = (item: T) => keyOf(item) === key
    return [declared.find(named), live.find(named)]
  })
}

/** Compares texts as a multiset. */
function numbered(texts: readonly string[]): readonly { readonly key: string; readonly text: string }[] {
  return texts.map((text, index) => {
    const earlier = texts.slice(0, index).filter((other) => other === text).length
    return { key: `${earlier} ${text}`, text }
  })
}

function described<T>([declared, live]: Pair<T>, describe: (item: T) => string) {
  return {
    declared: declared === undefined ? null : describe(declared),
    live: live === undefined ? null : describe(live),
  }
}

function compareDescribed<T>(
  kind: DifferenceKind,
  items: Pair<T>,
  describe: (item: T) => string,
): readonly Found[] {
  const { declared, live } = described(items, describe)
  return compare(kind, declared, live)
}

function compare(kind: DifferenceKind, declared: string | null, live: string | null): readonly Found[] {
  return declared === live ? [] : [{ kind, declared, live }]
}

function compareColumns(columns: Pair<LiveColumn>): readonly Found[] {
  const [declared, live] = columns
  const differences =
    declared && live
      ? [
          ...compare('type', declared.type, live.type),
          ...compare('nullability', nullability(declared), nullability(live)),
          ...compare('default', declared.default, live.default),
          ...compare('primary key', placeInKey(declared), placeInKey(live)),
          ...compare('computed value', declared.generated, live.generated),
        ]
      : compareDescribed('column', columns, describeColumn)
  return differences.map((difference) => ({ column: (declared ?? live)?.name ?? '', ...difference }))
}

function compareKeys(keys: Pair<LiveForeignKey>): readonly Found[] {
  const key = keys[0] ?? keys[1]
  return compareDescribed('foreign key', keys, describeForeignKey).map((difference) => ({
    ...(key && { column: columnsOf(key) }),
    ...difference,
  }))
}

function columnsOf({ columns }: LiveForeignKey): string {
  return columns.join(', ')
}

function optionsOf({ options }: LiveTable): string | null {
  return options.length === 0 ? null : options.join(', ')
}

function nullability({ nullable }: LiveColumn): string {
  return nullable ? 'may be null' : 'not null'
}

function placeInKey({ keyPosition }: LiveColumn): string | null {
  return keyPosition === 0 ? null : `column ${keyPosition}`
}

function describeTable({ columns }: LiveTable): string {
  return `a table of ${columns.length} ${columns.length === 1 ? 'column' : 'columns'}`
}

function describeColumn(column: LiveColumn): string {
  return [
    column.type,
    nullability(column),
    ...(column.default === null ? [] : [`default ${column.default}`]),
    ...(column.generated === null ? [] : [`computed as ${column.generated}`]),
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function describeForeignKey({ table, referenced, onDelete, onUpdate }: LiveForeignKey): string {
  const update = onUpdate === 'no action' ? '' : `, on update ${onUpdate}`
  return `${table} (${referenced.join(', ')}), on delete ${onDelete}${update}`
}

function describeIndex({ name, columns, unique, where }: LiveIndex): string {
  const condition = where === null ? '' : ` where ${where}`
  return `${name}${unique ? ' unique' : ''} (${columns.join(', ')})${condition}`
}
