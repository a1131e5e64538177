// `purser enforce`: whether calls that break the rules of plans are refused or recorded, and
// changing it.

import { type Enforcement, enforcements } from '../../../values/enforcement.ts'
import { defineChange } from '../../flags/actor-flag.ts'
import { readWord } from '../../flags/flags.ts'
import type { Argument } from '../../run/command.ts'
import { useStore } from '../../run/session.ts'

/** Who decides: the configuration goes before the setting of the database. */
type Source = 'configuration' | 'setting' | 'default'

const SETTING = 'purser/enforce'

const sentences: Readonly<Record<Enforcement, string>> = {
  refuse: 'Calls that break a rule of plans are refused.',
  record:
    'Calls that break a rule of plans go through, and their audit entries name the rule (verdict escalate).',
}

const sources: Readonly<Record<Source, string>> = {
  configuration: 'the configuration says so, whatever the setting of the database is',
  setting: `the setting ${SETTING} says so`,
  default: `the default; there is no setting ${SETTING}`,
}

const modeArgument: Argument<Enforcement | undefined> = {
  description: 'refuse or record; without it, what holds now is shown',
  required: false,
  choices: enforcements,
  read: (text) => readWord(enforcements, text),
}

export const enforce = defineChange({
  name: 'enforce',
  summary: 'show or set whether the rules of plans are enforced',
  description:
    'Show, or with a word set, whether calls that break the rules of plans are refused or go through and are recorded in the audit trail. A new database refuses. One of an earlier version, or of an ancestor, records until it is set to refuse: `purser audit log --verdict escalate` lists what it would have refused. `enforce` in the configuration goes before what the database says.',
  args: { mode: modeArgument },
  examples: [
    ['what holds here', 'enforce'],
    ['refuse from now on', 'enforce refuse --actor ada'],
    ['let such calls through, and record them', 'enforce record --actor ada'],
  ],
  run: (call) =>
    useStore(call.global, 'existing', async (store, { config }) => {
      const { mode } = call.args
      if (mode !== undefined) await call.acting(store).settings.set(SETTING, mode)
      const setting = await store.settings.get(SETTING)
      const stored = enforcements.find((one) => one === setting?.value)
      const source: Source = config.enforce ? 'configuration' : stored ? 'setting' : 'default'
      const enforced = config.enforce ?? stored ?? 'refuse'
      return {
        data: { enforce: enforced, source, setting: stored ?? null },
        show: ({ quiet, paint }) =>
          quiet
            ? enforced
            : `${paint.bold(enforced)}: ${sentences[enforced]}\n${paint.dim(`(${sources[source]})`)}`,
      }
    }),
})
