// What commands that change records share: the actor, and the version that a change is based on.
// Such a command is declared with `defineChange`, which gives it --actor.

import type { ActingStore, Store } from '../../index.ts'
import { type ArgumentSet, type Call, type Command, defineCommand, type Outcome } from '../run/command.ts'
import { UsageError } from '../run/failure.ts'
import { type FlagSet, text, whole } from './flags.ts'

const actor = text('name', 'the actor that the audit trail names (default: PURSER_ACTOR, then system)')

/** A call of a command that changes records. */
export interface ChangeCall<A extends ArgumentSet = ArgumentSet, F extends FlagSet = FlagSet>
  extends Call<A, F> {
  /** The given name, from the flag or from PURSER_ACTOR. */
  readonly actor: string | undefined
  /** The store with that actor; the store itself if none was given. */
  acting(store: Store): ActingStore
}

interface Change<A extends ArgumentSet, F extends FlagSet> extends Omit<Command<A, F>, 'run'> {
  run(call: ChangeCall<A, F>): Promise<Outcome>
}

type Nothing = Readonly<Record<never, never>>

/** A command that changes records: it takes --actor, and acts under that name. */
export function defineChange<A extends ArgumentSet = Nothing, F extends FlagSet = Nothing>(
  change: Change<A, F>,
): Command {
  const flags: FlagSet = { ...change.flags, actor }
  return defineCommand<ArgumentSet, FlagSet>({
    ...change,
    flags,
    run: (call) => {
      const given = call.flags.actor as string | undefined
      const name = given ?? (process.env.PURSER_ACTOR || undefined)
      const acting = (store: Store) => inNameOf(store, name, given === undefined ? 'PURSER_ACTOR' : '--actor')
      return change.run({ ...(call as unknown as Call<A, F>), actor: name, acting })
    },
  })
}

/** For commands that change a record; `version` is what errors of the library call it. */
export function ifVersion(noun: string) {
  return whole('n', `only if the ${noun} is at this version (default: whatever it is at)`, {
    min: 1,
    field: 'version',
  })
}

/** @throws UsageError for an invalid actor name */
function inNameOf(store: Store, name: string | undefined, origin: string): ActingStore {
  if (name === undefined) return store
  try {
    return store.as(name)
  } catch (error) {
    const [issue] = (error as { readonly issues?: readonly { readonly message: string }[] }).issues ?? []
    if (issue === undefined) throw error
    throw new UsageError(`${origin} ${issue.message}`)
  }
}
