// Statements are cached by keys that are written by hand: one key is one statement. Handwritten SQL
// has a parameter only where a `?` is not part of a literal, a name or a comment.

import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import { expect, test } from 'vitest'
import { StatementCache } from '../../src/records/repository/statements.ts'

const builder = new Kysely({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

StatementCache.checksKeys = true

const statements = () => new StatementCache(builder)

test('the same key and another statement, or another fixed value in it, is an error', () => {
  const cache = statements()
  const select = (column: string, limit: number) =>
    cache.query('key', ['a'], (db, slot) =>
      db.selectFrom('tasks').select(column).where('id', '=', slot(0)).limit(limit),
    )
  expect(select('title', 1)).toEqual(select('title', 1))
  expect(() => select('status', 1)).toThrow('two statements have the key "key"')
  expect(() => select('title', 2)).toThrow('two statements have the key "key"')
})

test.each([
  ["a = ? and b = 'really?' and c = ?", "a = $1 and b = 'really?' and c = $2"],
  [`a = ? and b = 'it''s? ' and c = ?`, `a = $1 and b = 'it''s? ' and c = $2`],
  ['"a?" = ? and `b?` = ?', '"a?" = $1 and `b?` = $2'],
  ['a = ? -- why?\n and b = ? /* or\n not? */', 'a = $1 -- why?\n and b = $2 /* or\n not? */'],
])('a question mark in quotes or a comment is no parameter: %s', (text, compiled) => {
  expect(statements().raw('key', text, [1, 2])).toEqual({ sql: compiled, parameters: [1, 2] })
})

test.each([[[]], [[1]], [[1, 2, 3]]])(
  'values that are not as many as the parameters are refused',
  (values) => {
    expect(() => statements().raw('key', "a = ? and b = '?' and c = ?", values)).toThrow(TypeError)
  },
)
