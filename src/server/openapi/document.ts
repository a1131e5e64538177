// The OpenAPI 3.1 document of a server, from the same routes that it answers. It is checked in as
// openapi.json.

import type { ArgumentForm } from '../../records/repository/arguments.ts'
import { aFunction, anAbortSignal, checkedLater } from '../../records/repository/arguments.ts'
import { filterNames } from '../../records/repository/filters.ts'
import { purserVersion } from '../../version.ts'
import { roleFor, storeRoles } from '../access/roles.ts'
import { unsentOf } from '../answers/unsent.ts'
import { exposed, type RecordRoute, recordRoutes } from '../routes/record-routes.ts'
import { isList, makesRecord } from '../routes/verbs.ts'
import { type StoreRoute, storeRoutes } from '../store-routes.ts'
import {
  boolean,
  integer,
  listOf,
  newSchema,
  object,
  patchSchema,
  recordSchema,
  ref,
  type Schema,
  schemaOfRule,
  string,
} from './json-schema.ts'
import { answers, bodies, sharedSchemas, storeAnswers } from './verb-schemas.ts'

/** The whole document. */
export function openApiDocument(): Schema {
  const paths: Record<string, Record<string, Schema>> = {}
  const add = (path: string, method: string, operation: Schema) => {
    paths[`/v1${path}`] = { ...paths[`/v1${path}`], [method.toLowerCase()]: operation }
  }
  for (const route of storeRoutes) add(route.path, route.method, storeOperation(route))
  for (const route of recordRoutes) add(route.path, route.method, recordOperation(route))
  return {
    openapi: '3.1.0',
    info: {
      title: 'Purser',
      version: purserVersion,
      description: 'The records of an organisation of agents, by HTTP.',
    },
    security: [{ token: [] }, { signIn: [] }],
    paths,
    components: {
      schemas: { ...recordSchemas(), ...sharedSchemas, Problem: problem },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        signIn: { type: 'apiKey', in: 'cookie', name: 'purser' },
      },
    },
  }
}

const problem = object({
  type: string,
  title: string,
  status: integer,
  detail: string,
  code: string,
  retryable: boolean,
  'issues?': listOf(object({ path: listOf({ type: ['string', 'integer'] }), code: string, message: string })),
})

const failure = {
  description: 'A problem (RFC 9457).',
  content: { 'application/problem+json': { schema: ref('Problem') } },
}

/** `CostRecord` for cost records. */
function nameOf({ entry }: Pick<RecordRoute, 'entry'>): string {
  if (entry.property === 'automationProfiles') return 'Profile'
  return entry.definition.name.replaceAll(/(?:^| )(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function recordSchemas(): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    exposed
      .filter(({ property }) => property !== 'automationProfiles')
      .flatMap((entry) => {
        const name = nameOf({ entry })
        const { definition } = entry
        return [
          [name, { ...recordSchema(definition, unsentOf(entry)), title: definition.name }],
          [`New${name}`, newSchema(definition)],
          ...(recordRoutes.some(
            ({ verb, entry: { property } }) => verb === 'update' && property === entry.property,
          )
            ? [[`${name}Patch`, patchSchema(definition)]]
            : []),
        ]
      }),
  )
}

function recordOperation(route: RecordRoute): Schema {
  const { verb, resource, isRead } = route
  const body = bodyOf(route)
  return {
    operationId: `${resource.replaceAll('-', '_')}_${verb}`,
    tags: [resource],
    summary: `${verb} (${resource})`,
    description: `Needs the role ${roleFor(route)}.`,
    parameters: parametersOf(route),
    ...(body === undefined
      ? {}
      : { requestBody: { required: !isOptional(route), content: { 'application/json': { schema: body } } } }),
    responses: { ...success(route, isRead), default: failure },
  }
}

function success(route: RecordRoute, isRead: boolean): Schema {
  const { verb } = route
  const schema = answerOf(route)
  const nothing = { 204: { description: 'Nothing to say.' } }
  if (schema === null) return nothing
  const content: Record<string, Schema> = { 'application/json': { schema } }
  if (isList(verb)) content['application/x-ndjson'] = { schema: string }
  if (isList(verb) || verb === 'aggregate') content['text/csv'] = { schema: string }
  const status = makesRecord(verb) ? 201 : 200
  const mayBeNothing = ['resume', 'priceOf', 'head', 'readyIn'].includes(verb)
  return {
    [status]: {
      description: isRead ? 'What was asked for.' : 'What was written.',
      headers: { ETag: { schema: string, description: 'The version, for records that have one.' } },
      content,
    },
    ...(mayBeNothing ? nothing : {}),
  }
}

const pages: ReadonlySet<string> = new Set([
  'list',
  'query',
  'children',
  'search',
  'thread',
  'ready',
  'history',
])

/** Lists of these leave out the bytes of their records. */
function isSummarized({ entry }: RecordRoute): boolean {
  return entry.property === 'parkedRuns' || entry.property === 'planCheckpoints'
}

/** The schema of the answer; null if there is none. */
function answerOf(route: RecordRoute): Schema | null {
  const { resource, verb } = route
  const known = answers[`${resource}.${verb}`]
  if (known !== undefined) return known
  if (verb === 'count') return object({ count: integer })
  if (verb === 'delete') return null
  const record = ref(nameOf(route))
  if (pages.has(verb)) {
    const item = isSummarized(route) ? ref(`${nameOf(route)}Summary`) : record
    return object({
      items: listOf(item),
      nextCursor: { type: ['string', 'null'] },
      corrupt: listOf(ref('CorruptRow')),
      'previousCursor?': { type: ['string', 'null'] },
    })
  }
  return verb.endsWith('Many') ? object({ items: listOf(record) }) : record
}

function hasRecord({ takes }: RecordRoute): boolean {
  return takes.some(({ kind }) => kind === 'record' || kind === 'records')
}

function isOptional(route: RecordRoute): boolean {
  return !hasRecord(route) || route.verb === 'seen'
}

function bodyOf(route: RecordRoute): Schema | undefined {
  const { method, resource, verb, takes, hasId } = route
  if (method === 'GET' || method === 'DELETE') return undefined
  const known = bodies[`${resource}.${verb}`]
  if (known) return known
  const name = nameOf(route)
  if (verb === 'update') return ref(`${name}Patch`)
  if (takes.some(({ kind }) => kind === 'records')) return listOf(ref(`New${name}`))
  if (hasRecord(route)) return verb === 'seen' ? patchSchema(route.entry.definition) : ref(`New${name}`)
  const members = takes.flatMap((form, index) => (index === 0 && hasId ? [] : membersOf(form)))
  if (members.length === 0) return undefined
  return {
    ...object(Object.fromEntries(members)),
    additionalProperties: takes.some(({ kind }) => kind === 'filter'),
  }
}

function membersOf(form: ArgumentForm): readonly (readonly [string, Schema])[] {
  switch (form.kind) {
    case 'text':
      return [form.nullable ? [`${form.name}?`, { type: ['string', 'null'] }] : [form.name, string]]
    case 'base':
    case 'options':
      return Object.entries(form.rules)
        .filter(([, rule]) => rule !== aFunction && rule !== anAbortSignal)
        .map(([name, rule]) => [`${name}?`, rule === checkedLater ? {} : schemaOfRule(rule, 'input')])
    default:
      return []
  }
}

function parametersOf(route: RecordRoute): readonly Schema[] {
  const { method, takes, hasId, needsVersion, verb, entry } = route
  const asksByQuery = method === 'GET' || method === 'DELETE' || hasRecord(route)
  const rest = takes.slice(hasId ? 1 : 0)
  return [
    ...(hasId ? [{ name: 'id', in: 'path', required: true, schema: string }] : []),
    ...(needsVersion
      ? [
          {
            name: 'If-Match',
            in: 'header',
            required: true,
            schema: string,
            description: 'The ETag of the record.',
          },
        ]
      : []),
    ...(makesRecord(verb) && hasIdempotency(route)
      ? [{ name: 'Idempotency-Key', in: 'header', required: false, schema: string }]
      : []),
    ...(asksByQuery ? rest.flatMap((form) => queryOf(form, route)) : []),
    ...(asksByQuery && rest.some(({ kind }) => kind === 'options') ? [exactOptions] : []),
    ...(verb === 'thread' ? [parameter('taskId', string, false), parameter('planId', string, false)] : []),
    ...(verb === 'counts' ? [parameter('by', string, true)] : []),
    ...(rest.some(({ kind }) => kind === 'filter') && asksByQuery
      ? [...filtersOf(verb, entry).map((name) => parameter(name, listOf(string), false)), exactFilter]
      : []),
  ]
}

function hasIdempotency({ entry, takes }: RecordRoute): boolean {
  return (
    'idempotencyKey' in entry.definition.fields ||
    takes.some((form) => form.kind === 'options' && Object.hasOwn(form.rules, 'idempotent'))
  )
}

/** The keys of the query that have filters and options as JSON, beside the key of each. */
const exactFilter: Schema = {
  ...parameter('filter', string, false),
  description: 'Filters as a JSON object, for values that are no texts.',
}
const exactOptions: Schema = {
  ...parameter('options', string, false),
  description: 'Options as a JSON object, for values that are no texts.',
}

function filtersOf(verb: string, { definition, filters }: RecordRoute['entry']): readonly string[] {
  if (verb === 'ready' || verb === 'readyIn') return ['agent', 'project', 'type', 'planId', 'tree']
  return [...filterNames(definition, filters), 'without']
}

function queryOf(form: ArgumentForm, { method }: RecordRoute): readonly Schema[] {
  if (form.kind === 'text') return [parameter(form.name, string, !form.nullable)]
  if (form.kind !== 'options' && !(form.kind === 'base' && method === 'DELETE')) return []
  return membersOf(form).map(([name, schema]) => parameter(name.slice(0, -1), queryType(name, schema), false))
}

/** A value of the query is a text; numbers and truth values are read from it. */
function queryType(name: string, schema: Schema): Schema {
  if (name === 'limit?') return { type: 'integer', minimum: 1, maximum: 1000 }
  return Object.keys(schema).length === 0 ? string : schema
}

function parameter(name: string, schema: Schema, required: boolean): Schema {
  return { name, in: 'query', required, schema }
}

function storeOperation(route: StoreRoute): Schema {
  const { method, path, verb, summary, query } = route
  const schema = storeAnswers[path] ?? { type: 'object' }
  const content: Record<string, Schema> = { 'application/json': { schema } }
  if (path === '/changes') content['text/event-stream'] = { schema: string }
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/\W+/g, '_')}`,
    tags: ['store'],
    summary,
    description: `Needs the role ${storeRoles[verb]}.`,
    parameters: query.map((name) => parameter(name, name === 'limit' ? integer : string, name === 'q')),
    ...(method === 'POST'
      ? { requestBody: { required: false, content: { 'application/json': { schema: { type: 'object' } } } } }
      : {}),
    responses: { 200: { description: 'What was asked for.', content }, default: failure },
  }
}
