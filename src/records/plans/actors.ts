// Who does what on a plan: a group of six names, the same on actions and plans.

import { group, name } from '../model/fields.ts'

const actor = (role: string) => name().column(`${role}_actor_name`).nullable()
const nobody = {
  strategy: null,
  execution: null,
  review: null,
  apply: null,
  estimation: null,
  invariant: null,
}

export const actors = () =>
  group({
    strategy: actor('strategy'),
    execution: actor('execution'),
    review: actor('review'),
    apply: actor('apply'),
    estimation: actor('estimation'),
    invariant: actor('invariant'),
  }).default(nobody)
