// What commands that change records share: the actor, and the version that a change is based on.
// Such a command is declared with `defineChange`, which gives it --actor.

import type { ActingStore, Store } from '../../index.ts'
import { type ArgumentSet, type Call, type Command, defineCommand, type Outcome } from '../run/command.ts'
import { UsageError } from '../run/failure.ts'
import { type FlagSet, type FlagValues, text, whole } from './flags.ts'

const actorFlag = (otherwise: string) =>
  text('name', `the actor that the audit trail names (default: PURSER_ACTOR, then ${otherwise})`)

/** A call of a command that changes records. */
export interface ChangeCall<A extends ArgumentSet = ArgumentSet, F extends FlagSet = FlagSet>
  extends Call<A, F> {
  /** The given name, from the flag or from PURSER_ACTOR. */
  readonly actor: string | undefined
  /**
   * The store with that actor. If none was given: with the one that acts by what the command says,
   * if any, else the store itself.
   */
  acting(store: Store, otherwise?: Agent): ActingStore
}

/** Who acts by the words of a command, and the flag that says so. */
export interface Agent {
  readonly name: string
  readonly origin: string
}

interface Change<A extends ArgumentSet, F extends FlagSet> extends Omit<Command<A, F>, 'run' | 'validate'> {
  /** Who acts without --actor and PURSER_ACTOR: `system`, unless `run` says otherwise. */
  readonly actsAs?: string
  validate?(call: Pick<ChangeCall<A, F>, 'flags' | 'actor'>): Promise<void>
  run(call: ChangeCall<A, F>): Promise<Outcome>
}

type Nothing = Readonly<Record<never, never>>

/** A command that changes records: it takes --actor, and acts under that name. */
export function defineChange<A extends ArgumentSet = Nothing, F extends FlagSet = Nothing>(
  change: Change<A, F>,
): Command {
  const { validate, actsAs = 'system', ...rest } = change
  return defineCommand<ArgumentSet, FlagSet>({
    ...rest,
    flags: { ...change.flags, actor: actorFlag(actsAs) },
    ...(validate && {
      validate: ({ flags }) => validate({ flags: flags as FlagValues<F>, actor: actorOf(flags) }),
    }),
    run: (call) => {
      const name = actorOf(call.flags)
      const origin = call.flags.actor === undefined ? 'PURSER_ACTOR' : '--actor'
      const acting = (store: Store, otherwise?: Agent) =>
        name === undefined && otherwise
          ? inNameOf(store, otherwise.name, otherwise.origin)
          : inNameOf(store, name, origin)
      return change.run({ ...(call as unknown as Call<A, F>), actor: name, acting })
    },
  })
}

function actorOf(flags: FlagValues<FlagSet>): string | undefined {
  return (flags.actor as string | undefined) ?? (process.env.PURSER_ACTOR || undefined)
}

/** For commands that change a record; `version` is what errors of the library call it. */
export function ifVersion(noun: string) {
  return whole('n', `only if the ${noun} is at this version (default: whatever it is at)`, {
    min: 1,
    field: 'version',
  })
}

/** @throws UsageError for an invalid actor name */
export function inNameOf(store: Store, name: string | undefined, origin: string): ActingStore {
  if (name === undefined) return store
  try {
    return store.as(name)
  } catch (error) {
    const [issue] = (error as { readonly issues?: readonly { readonly message: string }[] }).issues ?? []
    if (issue === undefined) throw error
    throw new UsageError(`${origin} ${issue.message}`)
  }
}
