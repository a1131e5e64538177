// Values by fast-check from the schemas of an OpenAPI document: what a schema describes, with one
// part of it spoiled now and then. Texts such as `@id:3` are replaced by the ids of records that
// exist when the request is sent.

import fc from 'fast-check'

export type Schema = Readonly<Record<string, unknown>>

export interface Schemas {
  readonly [name: string]: Schema
}

const DEPTH = 4

const known = new WeakMap<Schemas, ReadonlyMap<string, readonly string[]>>()

function wordsFor(schemas: Schemas): ReadonlyMap<string, readonly string[]> {
  const words = known.get(schemas) ?? wordsOf(schemas)
  known.set(schemas, words)
  return words
}

const hostileTexts = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    '\udfff\ud800',
    '\u{10ffff}',
    '\u202e\ufeff',
    '\r\nx: y',
    "'; DROP TABLE tasks; --",
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '%00',
    '../../etc/passwd',
    '=1+1',
    '\\',
    '"',
    '`',
    '$' + '{1}',
    '%',
    '_',
    '*:*',
  ],
  ...[
    '2026-02-30',
    '0000-01-01T00:00:00Z',
    '+275760-09-13T00:00:00.001Z',
    '-271821-04-20T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
  ],
  ...[
    '1e400',
    '-1e400',
    '0x10',
    '-0',
    'NaN',
    'Infinity',
    '1.',
    '٣',
    '9'.repeat(400),
    `0.${'0'.repeat(300)}1`,
    '9223372036854775808',
  ],
  ...[
    '[object Object]',
    'true',
    'null',
    '1'.repeat(20),
    'x'.repeat(256),
    'x'.repeat(70_000),
    'é'.repeat(256),
    '😀'.repeat(128),
  ],
  ...[
    'P1D',
    '-1d',
    '1d',
    '999999999999d',
    '1h',
    'Mars/Olympus',
    'Europe/Berlin',
    'asc',
    'desc',
    'day,model',
    ',',
    'day,day',
  ],
]

/** What no schema asks for. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...hostileTexts) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 300 }) },
)

function nested(depth: number): unknown {
  let value: unknown = 'deep'
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? { a: value } : [value]
  return value
}

export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      ...[null, true, false, 0, -0, -1, 0.1, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 53, 2 ** 63, 1e21, 1e-9],
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>([], {}, [[]], [null], { '': '' }, { length: 3 }, { toJSON: 1 }),
  },
  { weight: 1, arbitrary: fc.constantFrom(20, 62, 66, 99, 120).map(nested) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(new Array(3000).fill('x'), new Array(1001).fill({})) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  {
    weight: 1,
    arbitrary: fc.constant(JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":1}}')),
  },
)

const word = fc.constantFrom(
  'tide',
  'a/b',
  'agent-1',
  'agent-2',
  'deck',
  'x',
  'Ünï cödé',
  'local/build',
  '=1+1',
)

/** Texts that fields and parameters of a name take. */
const likely: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(action|kind)$/, ['tool:call', 'plan:apply', 'deploy:run']],
  [
    /^(name|actionName|profile|automationProfile)$/,
    ['local/build', 'team/plan', 'demo/deliver', 'supervised'],
  ],
  [/^(lease|within|delay|timeout|ttl|expires\w*|delayBy|retryAfter)$/, ['10m', '2h', '1s']],
  [
    /^(since|until|before|after|asOf|\w+At|expires)$/,
    ['2026-01-01T00:00:00Z', '2030-01-01T00:00:00Z', '2026-05-05'],
  ],
  [/^(messages|costs|audit)$/, ['90d', '1y', '2026-01-01T00:00:00Z']],
  [/^by$/, ['status', 'model', 'day', 'agent', 'project,status', 'type']],
  [/^records$/, ['task', 'plan,task', 'cost_record']],
  [/^step$/, ['start', 'apply', 'execute']],
  [/^order$/, ['asc', 'desc']],
  [/^(state|data|bytes)$/, ['AAEC', '']],
  [/^timeZone$/, ['Europe/Berlin', 'UTC']],
  [/^compare$/, ['previous']],
  [/^(readOnly|idempotent|tree|resumed|reusable)$/, ['true', 'false']],
]

/** The words of enumerations of a document, by the names of the fields that have them. */
function wordsOf(schemas: Schemas): ReadonlyMap<string, readonly string[]> {
  const words = new Map<string, readonly string[]>()
  const look = (name: string, schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return
    const { enum: values, properties } = schema as Schema
    if (Array.isArray(values))
      words.set(
        name,
        values.filter((value) => typeof value === 'string'),
      )
    for (const [key, inner] of Object.entries(properties ?? {})) look(key, inner)
  }
  for (const schema of Object.values(schemas)) look('', schema)
  return words
}

function textFor(
  name: string,
  { format, pattern, minLength = 0, contentEncoding }: Schema,
  schemas: Schemas,
): fc.Arbitrary<unknown> {
  if (contentEncoding === 'base64')
    return fc.constantFrom('', 'AAEC', Buffer.alloc(3000, 7).toString('base64'))
  const words = wordsFor(schemas).get(name)
  if (words !== undefined && words.length > 0) return fc.constantFrom(...words)
  const [, texts] = likely.find(([names]) => names.test(name)) ?? []
  if (texts !== undefined && format === undefined) {
    const numbered = fc
      .tuple(fc.constantFrom(...texts), fc.nat(99))
      .map(([text, number]) => `${text}-${number}`)
    return name === 'name'
      ? numbered
      : fc.oneof(
          fc.constantFrom(...texts),
          fc.nat(400).map((pick) => `@id:${pick}`),
        )
  }

  if (format === 'date-time') {
    const times = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
    return times.map((date) => date.toISOString())
  }
  if (typeof pattern === 'string') {
    try {
      return fc.stringMatching(new RegExp(pattern), { maxLength: 80 })
    } catch {
      // A pattern that it cannot turn round.
    }
  }
  const anId = fc.nat(400).map((pick) => `@id:${pick}`)
  const decimal = fc.constantFrom('0', '1', '0.25', '1000000', '0.000000001')
  if (/(^|[a-z])(id|ids|dependencies|parent|root|tree)$/i.test(name)) {
    return fc.oneof({ weight: 5, arbitrary: anId }, { weight: 1, arbitrary: word })
  }
  if (/cost|limit|price|estimate/i.test(name)) return fc.oneof(decimal, word)
  if (/currency/i.test(name)) return fc.constantFrom('USD', 'EUR')
  const long = 'x'.repeat(Number(minLength))
  return fc.oneof(
    { weight: 5, arbitrary: word.map((text) => text + long) },
    { weight: 1, arbitrary: anId },
    { weight: 1, arbitrary: decimal },
  )
}

/** Once in so many times. */
function perhaps(arbitrary: fc.Arbitrary<unknown>, times: number): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: times - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
}

/** What a schema describes. @param name of the field, which says what texts are likely */
export function anyOf(schema: Schema, schemas: Schemas, name = '', depth = DEPTH): fc.Arbitrary<unknown> {
  const within = (inner: unknown, of = name) => anyOf(inner as Schema, schemas, of, depth - 1)
  const { $ref, enum: values, type, properties, items, additionalProperties } = schema
  if (depth < 0) return fc.constant(null)
  if (typeof $ref === 'string') return within(schemas[$ref.split('/').at(-1) ?? ''] ?? {})
  if ('const' in schema) return fc.constant(schema.const)
  if (Array.isArray(values)) return fc.constantFrom(...values)
  const choices = schema.anyOf ?? schema.oneOf
  if (Array.isArray(choices)) return fc.oneof(...choices.map((choice) => within(choice)))
  if (Array.isArray(type)) return fc.oneof(...type.map((each) => within({ ...schema, type: each })))
  switch (type) {
    case 'object':
      return anyObject()
    case 'array': {
      const { minItems = 0, maxItems = 4 } = schema as { minItems?: number; maxItems?: number }
      return fc.array(within(items ?? {}), {
        minLength: minItems,
        maxLength: Math.max(minItems, Math.min(maxItems, 4)),
      })
    }
    case 'integer':
    case 'number': {
      const { minimum, exclusiveMinimum, maximum } = schema as Record<string, number | undefined>
      const min = Math.ceil(minimum ?? (exclusiveMinimum === undefined ? 0 : exclusiveMinimum + 1))
      const max = Math.max(min, Math.min(maximum ?? 1000, min + 1000))
      return type === 'integer'
        ? fc.integer({ min, max })
        : fc.oneof(fc.integer({ min, max }), fc.constant(min + 0.5))
    }
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'string':
      return textFor(name, schema, schemas)
    default:
      return fc.oneof(textFor(name, {}, schemas), fc.constant({}), fc.nat(9))
  }

  function anyObject(): fc.Arbitrary<unknown> {
    const members = Object.entries((properties ?? {}) as Record<string, Schema>)
    const required = new Set((schema.required ?? []) as string[])
    // Few of those that may be left out: with all of them hardly any input is accepted.
    const fields = Object.fromEntries(
      members.map(([key, inner]) => [
        key,
        required.has(key) ? within(inner, key) : perhaps(within(inner, key), members.length > 6 ? 5 : 2),
      ]),
    )
    const own = fc
      .record(fields)
      .map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)))
    if (members.length > 0 || additionalProperties === false) return own
    return fc.dictionary(fc.constantFrom('a', 'team', 'k'), fc.oneof(word, fc.nat(9)), { maxKeys: 2 })
  }
}

/** The same with one part of it replaced, added or taken away. */
export function spoiled(value: unknown, by: unknown, picks: readonly number[]): unknown {
  const [pick = 0, ...rest] = picks
  if (rest.length === 0 || typeof value !== 'object' || value === null) return by
  if (Array.isArray(value)) {
    if (value.length === 0) return [by]
    const at = pick % value.length
    return value.with(at, spoiled(value[at], by, rest))
  }
  const keys = Object.keys(value)
  const at = pick % (keys.length + 2)
  const key = keys[at]
  if (key === undefined) return { ...value, [at === keys.length ? 'more' : String(by).slice(0, 80)]: by }
  const entries = Object.entries(value)
  if (rest.length === 1 && pick % 7 === 0) return Object.fromEntries(entries.toSpliced(at, 1))
  return Object.fromEntries(entries.with(at, [key, spoiled(entries[at]?.[1], by, rest)]))
}
