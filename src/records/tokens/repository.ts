// Tokens: make one, find the one of a secret, revoke, and lists.

import { DuplicateRecordError, InvalidRecordError, RecordNotFoundError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { parseOrThrow } from '../model/issues.ts'
import { nameRule } from '../model/rules.ts'
import { checkArguments, filter, options, record, text } from '../repository/arguments.ts'
import { lockedRow } from '../repository/database-time.ts'
import type { FilterOf, OwnFilters } from '../repository/filters.ts'
import {
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import { changeAll, type RecordSession } from '../repository/session.ts'
import { type ChangeRange, changeRange } from '../repository/time-range.ts'
import { VersionedRepository } from '../repository/versioned-repository.ts'
import { type NewToken, type Token, type TokenFields, tokenDefinition } from './definition.ts'
import { isSecretOf, makeSecret, prefixOf } from './secret.ts'

export type TokenFilter = FilterOf<TokenFields, 'role' | 'actor' | 'tenant' | 'prefix'> & ChangeRange

/** A token that was just made, with what is shown this once. */
export type MadeToken = Token & { readonly secret: string }

export const tokenFilters: OwnFilters = changeRange()

/** Milliseconds in which a further use is not noted. */
const USE_STEP = 60_000

export class TokenRepository extends VersionedRepository<TokenFields> {
  static {
    checkArguments(TokenRepository, {
      create: [record],
      authenticate: [text('secret')],
      revoke: [text('name')],
      list: [filter, options(pageOptions)],
      count: [filter],
    })
    checkArguments(TokenRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  constructor(session: RecordSession) {
    super(tokenDefinition, session)
  }

  /**
   * Makes a token and returns it, with its `secret`: what a request sends as
   * `Authorization: Bearer …`. Nothing can show the secret again. A name is used once, also if its
   * token is revoked, so that what the audit trail says of it stays clear.
   * @throws InvalidRecordError (also if `expiresAt` is not in the future), DuplicateRecordError
   * @example
   * const { secret } = await store.tokens.create({ name: 'ci', role: 'agent', actor: 'agent-7' })
   */
  async create(input: NewToken): Promise<MadeToken> {
    const { secret, ...kept } = makeSecret()
    const begun = this.begun(input)
    const token = { ...begun, ...kept, actor: begun.actor ?? begun.name } as unknown as Token
    this.definition.assertRules(token)
    if (token.expiresAt !== null && token.expiresAt <= this.session.now()) {
      const message = 'must be in the future'
      throw new InvalidRecordError('token', [{ path: ['expiresAt'], code: 'past', message }])
    }
    const { name, role } = token
    const auditEntry = this.entryOf('create', token, { version: 1, role })
    const outcome = await this.session.write(this.insertion(token, auditEntry))
    if (outcome.kind === 'duplicate') throw new DuplicateRecordError('tokens', name)
    this.session.whenCommitted(() => this.session.events.emit(events.tokenCreated, { name }))
    return { ...token, secret }
  }

  /**
   * The token of a secret, and notes that it was used; null for a secret that is unknown, expired
   * or revoked. Compares in constant time. That it was used is noted once a minute, raises no
   * version, has no audit entry, and is left out where the database cannot be written.
   * @example
   * const token = await store.tokens.authenticate(secret)
   * const acting = token && store.as(token.actor ?? token.name)
   */
  async authenticate(secret: string): Promise<Token | null> {
    const prefix = prefixOf(secret)
    if (prefix === undefined) return null
    const { items } = await this.page(this.selection({ prefix }, tokenFilters), { limit: 1 })
    const [token] = items
    if (token === undefined || !isSecretOf(secret, token.secretHash)) return null
    const now = this.session.now()
    if (token.revokedAt !== null || (token.expiresAt !== null && token.expiresAt <= now)) return null
    const isNoted = token.lastUsedAt !== null && now.getTime() - token.lastUsedAt.getTime() < USE_STEP
    if (!isNoted) await this.#noteUse(token.name, now).catch(() => undefined)
    return token
  }

  /**
   * Refuses a token from now on. Revoking it again changes nothing.
   * @throws RecordNotFoundError
   */
  async revoke(name: string): Promise<Token> {
    const key = parseOrThrow('name of the token', nameRule, name)
    let isChanged = false
    const token = await this.session.inTransaction(async (runner) => {
      isChanged = false
      const row = await lockedRow(this.session, runner, this.definition, key)
      if (row === undefined) throw new RecordNotFoundError('tokens', key)
      const before = this.codec.decode(row)
      if (before.revokedAt !== null) return before
      const revokedAt = this.changeTime(before)
      const after = this.applyChanges(before, { revokedAt }, before.version, revokedAt)
      const { version, updatedAt } = after
      await changeAll(runner, [
        {
          kind: 'compareAndSet',
          shape: this.definition.shape,
          key,
          ...this.codec.encodeChanges({ revokedAt, updatedAt, version }),
          expect: { column: 'version', value: this.codec.encodeField('version', before.version) },
          auditEntry: this.entryOf('revoke', after, { fields: ['revokedAt'], version }),
        },
      ])
      isChanged = true
      return this.asRead(after)
    })
    this.session.whenCommitted(() => {
      if (isChanged) this.session.events.emit(events.tokenRevoked, { name: key })
    })
    return token
  }

  /** Tokens by name. */
  async list(filter: TokenFilter = {}, page: PageRequest = {}): Promise<Page<Token>> {
    return this.page(this.selection(filter, tokenFilters), page)
  }

  /** Every token that matches a filter, fetched in pages as the loop advances. */
  each(filter: TokenFilter = {}, options: OrderRequest = {}): AsyncIterable<Token> {
    return this.iterate(this.selection(filter, tokenFilters), options)
  }

  async count(filter: TokenFilter = {}): Promise<number> {
    return this.countOf(this.selection(filter, tokenFilters))
  }

  async #noteUse(name: string, now: Date): Promise<void> {
    const sql = 'update tokens set last_used_at = ? where name = ?'
    const parameters = [this.codec.encodeField('lastUsedAt', now), this.codec.encodeField('name', name)]
    await this.session.write({
      kind: 'execute',
      query: this.session.statements.raw(sql, sql, parameters),
    })
  }
}
