// Requests by fast-check from an OpenAPI document: of every operation, as the document describes
// them and spoiled in their path, query, headers or body.

import fc from 'fast-check'
import { roles } from '../../../src/server/access/roles.ts'
import { anyOf, hostileJson, hostileText, type Schema, type Schemas, spoiled } from './any-value.ts'

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: Schema
}

export interface Content {
  readonly [type: string]: { readonly schema: Schema }
}

export interface Operation {
  readonly operationId: string
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Schemas }
}

/** A key of a query and its value. */
type Pair = readonly [string, string]

/** A request that can be sent again; ids in it are replaced when it is sent. */
export interface Recipe {
  /** `GET /v1/tasks/{id}`; undefined for a path that is none of the document's. */
  readonly operation: Operation | undefined
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Operations that read the whole database, or wait: they are asked for seldom. */
const slow: ReadonlySet<string> = new Set(['post_doctor', 'audit_verify', 'get_drift', 'approvals_wait'])

export function anyRequest({ paths, components }: Document): fc.Arbitrary<Recipe> {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      weight: slow.has(operation.operationId) ? 1 : 12,
      arbitrary: requestOf(path, method.toUpperCase(), operation, components.schemas),
    })),
  )
  return fc.oneof(...operations, { weight: 60, arbitrary: elsewhere })
}

/** Once in so many times. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>, times = 5): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: times - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

/** Mostly the first, now and then the second. */
const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: odd })

const accept = fc.constantFrom(
  ...['*/*', 'application/json', 'text/csv', 'application/x-ndjson', 'text/event-stream', 'image/png', ''],
  ...['text/*;q=0.1, application/*;q=x', 'application/json;q=0', ';;,,q=1', 'a/b'.repeat(500)],
)
const contentType = fc.constantFrom(
  ...[
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'text/plain',
    'application/jsonx',
    'multipart/form-data',
    '',
  ],
)
const tag = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }).map((version) => `"${version}"`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '*',
      'W/"1"',
      '1',
      '"1", "2"',
      '"0"',
      '"-1"',
      '"9007199254740993"',
      '"1e3"',
      '""',
      'x',
    ),
  },
)
/** What a header can hold. */
const headerText = hostileText.map((text) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 2000))

const commonHeaders = fc.record({
  'x-role': mostly(
    fc.constantFrom('admin', 'admin', 'operator'),
    fc.constantFrom(...roles, 'nobody', 'ROOT'),
  ),
  'x-actor': seldom(mostly(fc.constantFrom('agent-1', 'agent-2', 'ada'), headerText), 2),
  'x-tenant': seldom(fc.constantFrom('acme', 'x'), 40),
  accept: seldom(accept, 4),
  'last-event-id': seldom(headerText, 20),
  origin: seldom(fc.constantFrom('null', 'https://evil.example', 'x'), 60),
  'sec-fetch-site': seldom(fc.constantFrom('same-origin', 'cross-site', 'x'), 60),
})

function requestOf(
  path: string,
  method: string,
  operation: Operation,
  schemas: Schemas,
): fc.Arbitrary<Recipe> {
  const { parameters, requestBody } = operation
  const query = parameters.filter((each) => each.in === 'query')
  const named = new Set(parameters.filter((each) => each.in === 'header').map(({ name }) => name))
  return fc
    .record({
      id: mostly(
        fc.nat(400).map((pick) => `@${path.split('/')[2]}:${pick}`),
        hostileText,
      ),
      prefix: fc.oneof(
        { weight: 30, arbitrary: fc.constant('') },
        { weight: 1, arbitrary: fc.constantFrom('/t/acme', '/t/%zz', '/t/..') },
      ),
      query: fc.tuple(...query.map((each) => queryOf(each, schemas))).map((each) => each.flat()),
      extra: seldom(fc.tuple(hostileText, hostileText), 12),
      headers: commonHeaders,
      tag: named.has('If-Match') ? mostly<string | undefined>(tag, fc.constant(undefined)) : seldom(tag, 30),
      key: seldom(
        mostly(fc.constantFrom('once', 'twice'), headerText),
        named.has('Idempotency-Key') ? 3 : 40,
      ),
      body: bodyOf(requestBody?.content['application/json']?.schema, schemas),
      type: seldom(contentType, 12),
    })
    .map(({ id, prefix, query: pairs, extra, headers, tag: version, key, body, type }) => {
      const search = [...pairs, ...(extra ? [extra] : [])]
        .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
        .join('&')
      const own = path.replace('{id}', encoded(id)).replace('/v1', `/v1${prefix}`)
      return {
        operation,
        method,
        path: search === '' ? own : `${own}?${search}`,
        headers: present({
          ...headers,
          'if-match': version,
          'idempotency-key': key,
          'content-type': type ?? (body === undefined ? undefined : 'application/json'),
        }),
        body,
      }
    })
}

function queryOf({ name, schema, required }: Parameter, schemas: Schemas): fc.Arbitrary<readonly Pair[]> {
  const usual = anyOf(schema, schemas, name).map((value) => [value].flat().map(String))
  const values = mostly(
    usual,
    fc.oneof(
      hostileText.map((text) => [text]),
      fc.constant(['a', 'b']),
    ),
  )
  // Every request that waits has an end.
  const given = name === 'timeout' ? fc.constantFrom(['5'], ['x'], ['0']) : values
  const pairs = given.map((texts): readonly Pair[] => texts.map((text) => [name, text]))
  const nothing = fc.constant<readonly Pair[]>([])
  if (name === 'timeout') return pairs
  return required
    ? mostly(pairs, nothing)
    : fc.oneof({ weight: 1, arbitrary: pairs }, { weight: 3, arbitrary: nothing })
}

function bodyOf(schema: Schema | undefined, schemas: Schemas): fc.Arbitrary<string | undefined> {
  if (schema === undefined) return seldom(fc.constantFrom('{}', '[]', 'x'), 40)
  const good = anyOf(schema, schemas)
  const json = (value: unknown): string | undefined => JSON.stringify(value)
  return fc.oneof(
    { weight: 12, arbitrary: good.map(json) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(good, hostileJson, fc.array(fc.nat(50), { minLength: 2, maxLength: 4 }))
        .map(([value, by, picks]) => json(spoiled(value, by, picks))),
    },
    { weight: 1, arbitrary: hostileJson.map(json) },
    { weight: 1, arbitrary: good.map((value) => `${json(value)}`.slice(0, -1)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        undefined,
        '',
        '\ufeff{}',
        '{"a":1,"a":2}',
        '{} {}',
        '\xff\xfe',
        '['.repeat(50_000),
        'null',
        '1',
      ),
    },
  )
}

const elsewhere: fc.Arbitrary<Recipe> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'PROPFIND'),
    path: fc.oneof(
      fc.constantFrom(
        ...[
          '/',
          '//',
          '/v1',
          '/v1/',
          '/v1//tasks',
          '/v1/tasks/',
          '/v1/../v1/tasks',
          '/v1/%2e%2e/tasks',
          '/%2e%2e/%2e%2e/etc/passwd',
        ],
        ...[
          '/..%2f..%2fetc%2fpasswd',
          '/..\\..\\x',
          '/%00',
          '/v1/tasks/%00',
          '/v1/tasks/%',
          '/v1/%zz',
          '/v1/t',
          '/v1/t/',
          '/v1/t/x',
        ],
        ...[
          '/v1/t/%zz/tasks',
          '/v1/t/%2f/tasks',
          '/v1/tasks/a%2fb',
          '/v1/tasks/x/y/z',
          '/v1/tasks?%',
          '/v1/tasks?=&&=',
          '/v1/tasks?limit=%ff',
        ],
        ...[
          '/openapi.json',
          '/docs',
          '/docs/errors',
          '/docs/style.css',
          '/metrics',
          '/healthz',
          '/sign-in',
          '/sign-in?code=%00',
        ],
        ...[
          '/sign-in?code=x&code=y',
          '/v1/sign-out',
          '/assets/..%2findex.html',
          '/index.html',
          `/v1/${'a/'.repeat(2000)}`,
        ],
      ),
      hostileText.map((text) => `/v1/tasks/${encoded(text).slice(0, 4000)}`),
      hostileText.map((text) => `/${encoded(text).slice(0, 4000)}`),
      hostileText.map((text) => `/v1/${encoded(text).slice(0, 4000)}/start`),
    ),
    headers: commonHeaders,
    body: seldom(fc.constantFrom('{}', 'x', '[1]'), 6),
  })
  .map(({ method, path, headers, body }) => ({
    operation: undefined,
    method,
    path,
    headers: present({ ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }),
    body: method === 'HEAD' || method === 'GET' ? undefined : body,
  }))

/** Percent-encoded; half a surrogate pair, which has no encoding, as its replacement. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).slice(0, 8000)
}

function present(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
