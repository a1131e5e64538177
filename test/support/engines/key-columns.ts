// What the harnesses of all engines know of tables: the column by which a row is known, and texts
// that no record has.

const keyColumns: Readonly<Record<string, string>> = {
  plans: 'plan_id',
  actions: 'name',
  automation_profiles: 'name',
}

/** The column of a record's key: `id`, but for some tables. */
export const keyOf = (table: string): string => keyColumns[table] ?? 'id'

/** Texts that every engine's columns take, and that no record has. */
export const oddTexts: readonly string[] = ['', '\u0001\u0002', '\ufffd']
