// `purser tokens revoke`: refuses a token from now on.

import type { Store, Token } from '../../../index.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { required } from '../../run/command.ts'
import { CommandError } from '../../run/failure.ts'
import { printableLine } from '../../screen/text.ts'
import { withTokens } from './place.ts'

export const revokeToken = defineChange({
  name: 'revoke',
  summary: 'refuse a token from now on',
  description:
    'Refuse a token from now on, for good. Servers that run refuse it at once. Revoking it again changes nothing.',
  args: { name: required('the name of the token') },
  examples: [['a token that is not needed any more', 'tokens revoke ci']],
  run: (call) =>
    withTokens(call, async (store) => {
      const { name } = await findToken(store, call.args.name)
      const { secretHash: _, ...token } = await call.acting(store).tokens.revoke(name)
      return {
        data: token,
        show: (screen) => (screen.quiet ? '' : `Revoked token ${screen.paint.bold(printableLine(name))}`),
      }
    }),
})

/** @throws CommandError if there is none */
async function findToken(store: Pick<Store, 'tokens'>, name: string): Promise<Token> {
  const token = await store.tokens.get(name)
  if (token !== null) return token
  throw new CommandError(
    'RECORD_NOT_FOUND',
    `there is no token with the name ${JSON.stringify(printableLine(name))}; purser tokens list shows those there are`,
  )
}
