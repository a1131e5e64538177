// `purser tokens create`: makes a token and prints it once.

import type { NewToken } from '../../../index.ts'
import { tokenRoles } from '../../../records/tokens/enums.ts'
import { inNameOf } from '../../flags/actor-flag.ts'
import { text, timeAhead, word } from '../../flags/flags.ts'
import { defineCommand } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { printableLine } from '../../screen/text.ts'
import { absolute } from '../../screen/times.ts'
import { withTokens } from './place.ts'

const flags = {
  name: text('name', 'what the token is called; a name is used once', { field: 'name' }),
  role: word(tokenRoles, 'what it may do; each may do what those before it may', { field: 'role' }),
  actor: text('name', 'whom the audit trail names for what is done with it (default: its name)', {
    field: 'actor',
  }),
  expires: timeAhead('refuse it from then on (default: never)', { field: 'expiresAt' }),
}

export const createToken = defineCommand({
  name: 'create',
  summary: 'make a token, and print it once',
  description:
    'Make a token for purser serve, and print it. It is shown this once: the database has only its hash. With --tenant it reaches that tenant alone; without, the main database and every tenant.',
  flags,
  examples: [
    ['for an agent that works as agent-7', 'tokens create --name ci --role agent --actor agent-7'],
    ['for a program that only reads, for a while', 'tokens create --name board --role reader --expires 90d'],
    ['for one tenant', 'tokens create --name acme-board --role reader --tenant acme'],
  ],
  run: (call) => {
    const { name, role, actor = null, expires = null } = call.flags
    const missing = [...(name === undefined ? ['--name'] : []), ...(role === undefined ? ['--role'] : [])]
    if (missing.length > 0) throw new UsageError(`${missing.join(' and ')} must be given`)
    const { tenant = null } = call.global
    return withTokens(
      call,
      async (store) => {
        const input = { name, role, actor, tenant, expiresAt: expires } as NewToken
        const acting = inNameOf(store, process.env.PURSER_ACTOR || undefined, 'PURSER_ACTOR')
        const { secret, secretHash: _, ...token } = await acting.tokens.create(input)
        return {
          data: { ...token, secret },
          show: (screen) => {
            if (screen.quiet) return secret
            const reach = token.tenant === null ? '' : `, tenant ${token.tenant}`
            const until = token.expiresAt === null ? '' : `, until ${absolute(token.expiresAt)}`
            return [
              `Made token ${screen.paint.bold(printableLine(token.name))}: ${token.role}, acts as ${printableLine(token.actor ?? token.name)}${reach}${until}`,
              `  ${secret}`,
              screen.paint.dim('It is not shown again. Send it as: Authorization: Bearer TOKEN'),
            ].join('\n')
          },
        }
      },
      'create',
    )
  },
})
