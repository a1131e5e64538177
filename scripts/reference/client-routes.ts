// src/client/routes.ts: the verbs of every record as the client calls them, and where their answers
// have times and bytes, from the routes of the server and the OpenAPI document.

import { jsonObjectRule, jsonRule } from '../../src/records/model/rules.ts'
import {
  type ArgumentForm,
  aFunction,
  anAbortSignal,
  signaturesOf,
} from '../../src/records/repository/arguments.ts'
import { openApiDocument } from '../../src/server/openapi/document.ts'
import { exposed, type RecordRoute, recordRoutes } from '../../src/server/routes/record-routes.ts'
import { makesRecord } from '../../src/server/routes/verbs.ts'

/** What of a JSON Schema says where times and bytes are. */
interface Schema {
  readonly $ref?: string
  readonly format?: string
  readonly contentEncoding?: string
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Record<string, { schema: Schema }> }>>
}

const document = openApiDocument() as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}
const { schemas } = document.components

export function clientRoutesModule(): string {
  const resources = exposed.map((entry) => {
    const routes = recordRoutes.filter((route) => route.entry === entry)
    const lines = routes.map((route) => member('    ', route.verb, lineOf(route)))
    if (signaturesOf(entry.repository).has('each')) lines.push("    each: 'each',")
    return `  ${entry.property}: {\n${lines.join('\n')}\n  },`
  })
  const shapes = Object.keys(schemas)
    .filter((name) => !/^New|Patch$/.test(name))
    .map((name) => [name, placesIn(schemas[name] as Schema)] as const)
    .filter(([, places]) => places.length > 0)
    .map(([name, places]) => member('  ', name, places.join(' ')))
  return `// The verbs of every record by HTTP. \`npm run docs\` writes it from the routes of the server;
// \`npm run check\` compares the two. route.ts says how a line is read.

export const routes = {
${resources.join('\n')}
} as const

/** Where records have times, bytes (\`:bytes\`) and other records (\`=Name\`). */
export const shapes = {
${shapes.join('\n')}
} as const

/** The fields of records that hold any JSON. */
export const jsonFields = {
${jsonFields().join('\n')}
} as const

/** The name of each record's shape, by its name in paths. */
export const shapeOfResource = {
${[...shapesByResource()].map(([resource, shape]) => `  ${key(resource)}: '${shape}',`).join('\n')}
} as const
`
}

/** The fields of each record that hold any JSON, by its shape. */
function jsonFields(): readonly string[] {
  return exposed.flatMap((entry) => {
    const isJson = ({ schema }: { readonly schema: () => unknown }) =>
      schema() === jsonRule || schema() === jsonObjectRule
    const fields = Object.entries(entry.definition.fields).filter(([, { spec }]) => isJson(spec))
    const { resource = '' } = recordRoutes.find((route) => route.entry === entry) ?? {}
    const shape = shapesByResource().get(resource)
    if (fields.length === 0 || shape === undefined) return []
    return [member('  ', shape, fields.map(([name]) => name).join(' '))]
  })
}

function shapesByResource(): ReadonlyMap<string, string> {
  const gets = recordRoutes.filter(({ verb }) => verb === 'get')
  return new Map(
    gets.map((route) => [route.resource, placesIn(answerOf(route) as Schema)[0]?.slice(1) ?? '']),
  )
}

/** \`GET /tasks filter options:limit,cursor,order > page items=Task\` */
function lineOf(route: RecordRoute): string {
  const { method, path, takes, hasId, needsVersion, verb } = route
  const forms = takes.map((form, index) =>
    index === 0 && hasId ? `id:${nameOf(form)}` : formOf(form, route),
  )
  if (verb === 'delete' && needsVersion) forms.push('any')
  if (route.isRead && method !== 'GET') forms.push('read')
  return [method, path, ...forms, '>', ...resultOf(route)].join(' ')
}

function nameOf(form: ArgumentForm): string {
  return form.kind === 'text' ? form.name : 'id'
}

function formOf(form: ArgumentForm, { entry, takes, verb }: RecordRoute): string {
  switch (form.kind) {
    case 'text':
      return `text:${form.name}${form.nullable ? '?' : ''}`
    case 'value':
      return `value:${form.name}`
    case 'record': {
      const { columns, fields, key: own } = entry.definition
      const bytes = columns.filter(({ kind }) => kind === 'bytes').map(({ field }) => field)
      if (form.isOmittable) return 'record:omittable'
      if (!makesRecord(verb)) return bytes.length === 0 ? 'record' : `record:bytes=${bytes.join(',')}`
      const comparesIds = takes.some((each) => each.kind === 'options' && 'idempotent' in each.rules)
      const once = 'idempotencyKey' in fields ? 'idempotencyKey' : comparesIds ? `${own.field}?` : ''
      const more = [bytes.length === 0 ? '' : `bytes=${bytes.join(',')}`, once === '' ? '' : `once=${once}`]
      return ['record', ...more.filter((text) => text !== '')].join(':')
    }
    case 'base':
    case 'options': {
      const names = Object.entries(form.rules)
        .filter(([, rule]) => rule !== aFunction)
        .map(([name, rule]) => (rule === anAbortSignal ? `${name}!` : name))
      return names.length === 0 ? form.kind : `${form.kind}:${names.join(',')}`
    }
    default:
      return form.kind
  }
}

/** How the answer becomes what the verb returns, and where it has times and records. */
function resultOf(route: RecordRoute): readonly string[] {
  const schema = answerOf(route)
  if (route.verb === 'delete') return ['deleted']
  if (schema === undefined) return ['nothing']
  const names = Object.keys(schema.properties ?? {})
  const places = placesIn(schema)
  if (route.verb === 'tree')
    return [places.some((place) => place.includes('=Plan')) ? 'planTree' : 'decisionTree', ...places]
  const [only] = names
  const isAlone = names.length === 1 && only !== undefined && ['items', 'count', 'value'].includes(only)
  return [isAlone ? only : 'object', ...places]
}

function answerOf({ path, method }: RecordRoute): Schema | undefined {
  const operation = document.paths[`/v1${path}`]?.[method.toLowerCase()]
  const found = operation?.responses[200] ?? operation?.responses[201]
  return found?.content?.['application/json']?.schema
}

/** Paths within an answer, through lists: `period.begin`, `state:bytes`, `items=Task`. */
function placesIn(schema: Schema, at = ''): readonly string[] {
  const { $ref, format, contentEncoding, anyOf = [], allOf = [], items, properties = {} } = schema
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1) ?? ''
    return placesIn(schemas[name] as Schema).length === 0 ? [] : [`${at}=${name}`]
  }
  if (format === 'date-time') return [at]
  if (contentEncoding === 'base64') return [`${at}:bytes`]
  const below = Object.entries(properties).flatMap(([name, member]) =>
    placesIn(member, at === '' ? name : `${at}.${name}`),
  )
  const others = [...anyOf, ...allOf, ...(items === undefined ? [] : [items])]
  return [...new Set([...below, ...others.flatMap((other) => placesIn(other, at))])]
}

/** Characters of a line, after which the formatter breaks it, unless the name is so short. */
const LINE = 110
const SHORT = 4

function member(indent: string, name: string, text: string): string {
  const line = `${indent}${name}: ${quoted(text)},`
  return line.length <= LINE || name.length <= SHORT ? line : `${indent}${name}:\n${indent}  ${quoted(text)},`
}

function quoted(text: string): string {
  return `'${text}'`
}

function key(name: string): string {
  return /^\w+$/.test(name) ? name : quoted(name)
}
