// `purser tokens list`: one page of tokens by name, never their secrets.

import type { Token, TokenFilter } from '../../../index.ts'
import { tokenRoles } from '../../../records/tokens/enums.ts'
import { fieldsOf, under, word } from '../../flags/flags.ts'
import { changeFilters, listOutcome, pagingFlags, readPage } from '../../flags/listing.ts'
import { defineCommand } from '../../run/command.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { printableLine } from '../../screen/text.ts'
import { withTokens } from './place.ts'

const filters = under('Filters:', {
  role: word(tokenRoles, 'only tokens of this role', { field: 'role' }),
  ...changeFilters('tokens'),
})

export const listTokens = defineCommand({
  name: 'list',
  summary: 'list tokens by name, with their last use',
  description:
    'List tokens by name: how they begin, what they may do, and when they were last used. With --tenant, those that reach this tenant alone.',
  flags: { ...filters, ...pagingFlags },
  examples: [
    ['all of them', 'tokens list'],
    ['those that may do everything', 'tokens list --role admin'],
  ],
  run: (call) => {
    const { tenant } = call.global
    const filter: TokenFilter = {
      ...fieldsOf(filters, call.flags),
      ...(tenant === undefined ? {} : { tenant }),
    }
    return withTokens(call, async (store) => {
      const page = await readPage(call.flags, (part) => store.tokens.list(filter, part))
      const total = await store.tokens.count(filter)
      return listOutcome(call, {
        page,
        total,
        noun: 'token',
        empty:
          Object.keys(filter).length > 0
            ? 'No token matches; leave out the filter to see more.'
            : 'There are no tokens yet. To make one: purser tokens create --name ci --role reader',
        toJson: ({ secretHash: _, ...token }) => token,
        show: tokenTable,
      })
    })
  },
})

function tokenTable(tokens: readonly Token[], screen: Screen): readonly string[] {
  return table(
    screen,
    [
      { title: 'NAME', value: ({ name }) => printableLine(name), paint: (text) => screen.paint.bold(text) },
      { title: 'ROLE', value: ({ role }) => role },
      { title: 'ACTS AS', value: ({ name, actor }) => printableLine(actor ?? name), shrinkTo: 8 },
      { title: 'TENANT', value: ({ tenant }) => tenant ?? 'any', spare: 3 },
      { title: 'BEGINS WITH', value: ({ prefix }) => prefix, spare: 2 },
      { title: 'LAST USED', value: ({ lastUsedAt }) => (lastUsedAt ? screen.time(lastUsedAt) : 'never') },
      { title: 'STATE', value: (token) => stateOf(token, screen) },
    ],
    tokens,
  )
}

function stateOf({ revokedAt, expiresAt }: Token, { now, time }: Screen): string {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt === null) return 'valid'
  return expiresAt <= now ? 'expired' : `until ${time(expiresAt)}`
}
