// Interprets the lines of SQLite's integrity check: which table, or which index of a table, a page
// belongs to. The check names the root page of a tree
// (https://sqlite.org/pragma.html#pragma_integrity_check); the schema says which object has that
// root.

import type { IntegrityFault } from '../../contract/engine.ts'
import { fullTextTables } from '../schema/full-text-tables.ts'

/** A table or an index, with the root page of its tree. */
export interface SchemaPart {
  readonly root: number
  readonly type: string
  readonly name: string
  readonly table: string
}

const inTree = /^Tree (\d+)(?: page (\d+))?[^:]*:/
const ofIndex = /^(?:wrong # of entries in|row \d+ missing from|non-unique entry in) index (.+)$/
const ofTable = /^(?:CHECK constraint failed in|NULL value in|NUMERIC value in|TEXT value in) (\w+)/
const ofFullText = /FTS5 table \w+\.(\w+)$/
const unused = /^Page \d+: never used$/

/**
 * Faults without those that merely follow from others: index entries of lost rows, and pages that
 * are no longer referenced.
 */
export function describeFaults(
  lines: readonly string[],
  parts: readonly SchemaPart[],
): readonly IntegrityFault[] {
  const split = lines
    .flatMap((line) => line.split('\n'))
    .filter((line) => line !== 'ok' && !line.startsWith('***'))
  // A page that is reported twice counts once.
  const pages = unique(split.flatMap((line) => pageFault(line, parts) ?? []))
  const others = split.filter((line) => !inTree.test(line)).map((line) => otherFault(line, parts))
  const lost = new Set(pages.map(({ table, damaged }) => `${table} ${damaged}`))
  const follows = ({ text, table, damaged }: IntegrityFault) =>
    pages.length > 0 &&
    (unused.test(text) || (damaged === 'index' && (lost.has(`${table} rows`) || lost.has(`${table} index`))))
  return [...pages, ...others.filter((fault) => !follows(fault))]
}

function pageFault(line: string, parts: readonly SchemaPart[]): IntegrityFault | undefined {
  const [, root, page = root] = inTree.exec(line) ?? []
  if (root === undefined) return undefined
  const part = parts.find((one) => one.root === Number(root))
  if (!part) return { text: `page ${page} is damaged`, table: null, damaged: null }
  const owner = ownerOf(part, parts)
  return { ...owner, text: `page ${page} of ${owner.text} is damaged` }
}

/** Damage to a table that stores a full-text index is reported as damage to that index. */
function ownerOf({ type, name, table }: SchemaPart, parts: readonly SchemaPart[]): IntegrityFault {
  const indexed = parts.find((one) => table.startsWith(`${fullTextTables(one.name).index}_`))
  if (indexed)
    return { text: `the full-text index of ${indexed.name}`, table: indexed.name, damaged: 'full text' }
  if (type === 'index') return { text: nameOfIndex(name, table), table, damaged: 'index' }
  return { text: `the table ${table}`, table, damaged: 'rows' }
}

function otherFault(line: string, parts: readonly SchemaPart[]): IntegrityFault {
  const index = ofIndex.exec(line)?.[1]
  if (index !== undefined) {
    const table = parts.find(({ name }) => name === index)?.table ?? null
    return { text: line, table, damaged: 'index' }
  }
  const searched = ofFullText.exec(line)?.[1]
  const table = parts.find(
    ({ name }) => searched !== undefined && fullTextTables(name).index === searched,
  )?.name
  if (table !== undefined)
    return { text: `the full-text index of ${table} is malformed`, table, damaged: 'full text' }
  return { text: line, table: ofTable.exec(line)?.[1] ?? null, damaged: null }
}

/** The name of an index as shown: SQLite names the index of a key itself. */
function nameOfIndex(name: string, table: string): string {
  return name.startsWith('sqlite_autoindex_')
    ? `the key’s index of ${table}`
    : `the index ${name} of ${table}`
}

function unique(faults: readonly IntegrityFault[]): readonly IntegrityFault[] {
  return [...new Map(faults.map((fault) => [fault.text, fault])).values()]
}
