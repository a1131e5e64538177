// Expressions of migrations in SQLite's dialect. What SQL cannot say exactly is a function of functions.ts.

import type { SchemaWriter } from '../schema.ts'

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

export const expressions = {
  column: quoteName,
  text: quoteText,
  toInstant: (expression) => `purser_instant(${expression})`,
  hasOffset: (expression) => `purser_has_offset(${expression})`,
  fromInstant: (expression) => `purser_legacy_instant(${expression})`,
  toMoney: (expression) => `purser_money(${expression})`,
  // Both operands are exact as floating-point numbers up to 2^53, so the quotient is the nearest number there is.
  fromMoney: (expression) => `(CAST(${expression} AS REAL) / 1000000000.0)`,
  realToText: (expression) => `purser_real_text(${expression})`,
  textToReal: (expression) => `purser_real(${expression})`,
  numberedUlid: (instant, number) => `purser_ulid(${instant}, ${number})`,
  ulidNumber: (expression) => `purser_ulid_number(${expression})`,
  isJson: (expression) => `json_valid(${expression})`,
} satisfies Partial<SchemaWriter>
