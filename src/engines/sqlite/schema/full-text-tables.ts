// The tables and triggers of a full-text index. Up to schema version 9 FTS5 tokenized the texts
// itself; since then it receives tokens.

import type { FullTextSpec, MigrationStatement } from '../../contract/schema.ts'

/**
 * The tables that form the full-text index of a table. The indexed column and the serial column are
 * fixed by convention.
 */
export function fullTextTables(table: string) {
  return { index: `${table}_fts`, pending: `${table}_fts_pending`, column: 'content', serial: 'seq' } as const
}

/**
 * Creates a table's search index, the list of pending rows and the triggers that keep it. Existing
 * rows are pending at first.
 */
export function createFullText(spec: FullTextSpec): readonly MigrationStatement[] {
  const { index, pending } = fullTextTables(spec.table)
  const { table, column, serial } = spec
  const form = spec.tokens
    ? // Documented at https://sqlite.org/fts5.html#contentless_delete_tables; row sizes have to be kept there.
      `tokens, content='', contentless_delete=1, detail=none, tokenize='ascii'`
    : // Text sizes are not kept: they are for ranking, and results are ordered by time.
      `${column}, content='${table}', content_rowid='${serial}', columnsize=0, tokenize='unicode61 remove_diacritics 0'`
  const forget = spec.tokens
    ? `DELETE FROM ${index} WHERE rowid = OLD.${serial};`
    : `INSERT INTO ${index} (${index}, rowid, ${column})
  SELECT 'delete', OLD.${serial}, OLD.${column} WHERE NOT EXISTS (SELECT 1 FROM ${pending} WHERE serial = OLD.${serial});`
  return [
    statement(`full-text index of ${table}`, `CREATE VIRTUAL TABLE ${index} USING fts5(${form})`),
    statement(
      `pending rows of ${index}`,
      `CREATE TABLE ${pending} (\n  serial INTEGER PRIMARY KEY NOT NULL\n)`,
    ),
    statement(
      `note new rows for ${index}`,
      `CREATE TRIGGER ${table}_fts_insert AFTER INSERT ON ${table} BEGIN
  INSERT INTO ${pending} (serial) VALUES (NEW.${serial});
END`,
    ),
    statement(
      `drop deleted rows from ${index}`,
      `CREATE TRIGGER ${table}_fts_delete AFTER DELETE ON ${table} BEGIN
  ${forget}
  DELETE FROM ${pending} WHERE serial = OLD.${serial};
END`,
    ),
    spec.tokens
      ? statement(
          `note the rows of ${table} for ${index}`,
          `INSERT INTO ${pending} (serial) SELECT ${serial} FROM ${table}`,
        )
      : statement(
          `fill ${index}`,
          `INSERT INTO ${index} (rowid, ${column}) SELECT ${serial}, ${column} FROM ${table}`,
        ),
  ]
}

/** Drops a search index with its list of pending rows and its triggers. */
export function dropFullText(spec: FullTextSpec): readonly MigrationStatement[] {
  const { index, pending } = fullTextTables(spec.table)
  return [
    statement('stop noting new rows', `DROP TRIGGER ${spec.table}_fts_insert`),
    statement('stop noting deleted rows', `DROP TRIGGER ${spec.table}_fts_delete`),
    statement(`drop ${pending}`, `DROP TABLE ${pending}`),
    statement(`drop ${index}`, `DROP TABLE ${index}`),
  ]
}

function statement(label: string, sql: string): MigrationStatement {
  return { label, sql }
}
