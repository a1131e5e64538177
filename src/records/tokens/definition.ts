// The token: whom a program that calls the server stands for, and what it may do. The database
// has a hash of the secret, so that who reads the database cannot act with what is in it.

import { isTenantName, TENANT_NAME_FORM } from '../../values/tenant-name.ts'
import { defineRecord, type NewOf, type RecordOf, type Rule } from '../model/define-record.ts'
import { hash, instant, integer, name, oneOf, word } from '../model/fields.ts'
import { tokenRoles } from './enums.ts'

export * from './enums.ts'

const fields = {
  name: name().key(),
  role: oneOf(tokenRoles).immutable().filterable().enforced(),
  /** Whom audit entries of requests with it name; left out, the name of the token. */
  actor: name().nullable().immutable().filterable(),
  /** The only tenant that it reaches; null: the main database, and every tenant. */
  tenant: name().nullable().immutable().filterable(),
  /** From then on it is refused. In the future when it is made; null: never. */
  expiresAt: instant().nullable().immutable(),
  revokedAt: instant().nullable().managed(),
  /** When it was last used, to the minute. */
  lastUsedAt: instant().nullable().managed(),
  /** How the token begins, which tells tokens apart and is no secret. */
  prefix: word(/^purser_[0-9a-f]{12}$/, 'must be the beginning of a token')
    .managed()
    .filterable(),
  /** The SHA-256 of the whole token, which has 256 random bits. */
  secretHash: hash().managed(),
  createdAt: instant().managed(),
  updatedAt: instant().managed(),
  /** Rises with changes, not with use. */
  version: integer(1).default(1).managed(),
}

export type TokenFields = typeof fields
/** A token as read from the store. */
export type Token = RecordOf<TokenFields>
/** The input of `tokens.create`. */
export type NewToken = NewOf<TokenFields>

const tenantIsName: Rule<TokenFields> = ({ tenant }) =>
  tenant === null || isTenantName(tenant)
    ? []
    : [{ path: ['tenant'], code: 'form', message: `must be ${TENANT_NAME_FORM}` }]

/**
 * Whom a program that calls the server stands for, and what it may do:
 * [server.md](server.md#tokens). The token itself is shown once, when it is made; the database has
 * its SHA-256.
 */
export const tokenDefinition = defineRecord({
  name: 'token',
  table: 'tokens',
  key: 'name',
  order: { fields: ['name'], direction: 'asc' },
  fields,
  rules: [tenantIsName],
  storage: { unique: { prefix: ['prefix'] } },
})
