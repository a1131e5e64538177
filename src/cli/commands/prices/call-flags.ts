// The call that `prices show` and `prices test` are about.

import { text, time } from '../../flags/flags.ts'

export const callFlags = {
  provider: text('name', 'who sells it: openai, anthropic, google, …', { field: 'provider' }),
  model: text('name', 'the model', { field: 'model' }),
  biller: text('name', 'who charges for it, if not the provider', { field: 'biller' }),
  timestamp: time('when it is called (default: now)', { field: 'timestamp' }),
}
