// `purser tokens …`

import type { Area } from '../../run/command.ts'
import { createToken } from './create.ts'
import { listTokens } from './list.ts'
import { revokeToken } from './revoke.ts'

export const tokens: Area = {
  name: 'tokens',
  record: 'token',
  summary: 'who may call purser serve, and as whom: list, create, revoke',
  commands: [listTokens, createToken, revokeToken],
}
