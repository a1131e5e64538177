// `Idempotency-Key` on a request that makes a record is the record's own idempotency: its
// `idempotencyKey`, or its id where repeated ids are compared.

import { invalidRequest } from '../answers/request-error.ts'
import type { RecordRoute } from '../routes/record-routes.ts'
import type { Given } from './read-arguments.ts'

/**
 * The request with its key in the body.
 * @throws RequestError if the record has no idempotency, or the body has another key
 */
export function keyedInput(route: RecordRoute, given: Given): Given {
  const key = given.headers.get('idempotency-key')
  if (key === null) return given
  const { fields } = route.entry.definition
  const { body } = given
  if ('idempotencyKey' in fields) return { ...given, body: withKey(body, 'idempotencyKey', key) }
  const takesOption = route.takes.some(
    (form) => form.kind === 'options' && Object.hasOwn(form.rules, 'idempotent'),
  )
  if (!takesOption) {
    const message = `is not for ${route.resource}: give the record an id, which is refused when it exists`
    throw invalidRequest(['Idempotency-Key'], 'idempotency', message)
  }
  const query = new Map([...given.query, ['idempotent', ['true']]])
  return { ...given, query, body: withKey(body, route.entry.definition.key.field, key) }
}

function withKey(body: unknown, field: string, key: string): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  if (Object.hasOwn(body, field) && (body as Readonly<Record<string, unknown>>)[field] !== key) {
    throw invalidRequest(['Idempotency-Key'], 'idempotency', `differs from ${field} of the body`)
  }
  return { ...body, [field]: key }
}
