// How the verbs of repositories become methods and paths of HTTP. A verb that is not listed is a
// change, and has the path of its name.

import { kebab } from './kebab.ts'

/** Verbs that change nothing. */
const reads: ReadonlySet<string> = new Set([
  ...['get', 'list', 'query', 'count', 'counts', 'search', 'aggregate', 'priceOf', 'status'],
  ...['children', 'ancestors', 'tree', 'influenced', 'cost', 'preflight', 'history', 'thread'],
  ...['steps', 'resumable'],
  ...['ready', 'readyIn', 'waiting', 'wait', 'head', 'cuts', 'verify'],
])

export function isRead(verb: string): boolean {
  return reads.has(verb)
}

/** The verbs that lists have, by kind of repository: changed records, or appended ones. */
const lists: ReadonlySet<string> = new Set(['list', 'query'])
/** The verbs that make a record. */
const makes: ReadonlySet<string> = new Set(['create', 'append', 'request', 'park', 'record'])

export function isList(verb: string): boolean {
  return lists.has(verb)
}

export function makesRecord(verb: string): boolean {
  return makes.has(verb)
}

/** Verbs with a path that is not their name. */
const paths: Readonly<Record<string, string>> = {
  get: '',
  list: '',
  query: '',
  create: '',
  append: '',
  request: '',
  park: '',
  record: '',
  update: '',
  delete: '',
  aggregate: '/report',
}

export function pathOf(verb: string): string {
  return paths[verb] ?? `/${kebab(verb)}`
}

/** Reads of a record that is given, not found: its fields are in the body. */
const asksByBody: ReadonlySet<string> = new Set(['priceOf'])

export function methodOf(verb: string): 'GET' | 'POST' | 'PATCH' | 'DELETE' {
  if (verb === 'update') return 'PATCH'
  if (verb === 'delete') return 'DELETE'
  return isRead(verb) && !asksByBody.has(verb) ? 'GET' : 'POST'
}
