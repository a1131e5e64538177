// What every repository works on: who acts, what belongs to the whole store, and the way in which
// reads and writes reach the database. The store has one way, each transaction has another.

import type { RecordSession, Runner } from '../records/repository/session.ts'

/** What all sessions of one store share. */
export type SessionContext = Pick<
  RecordSession,
  'profiles' | 'policies' | 'prices' | 'now' | 'engine' | 'statements' | 'events' | 'firstReport' | 'listen'
>

/** Ways to write, each in the name of an actor. */
interface ActingAccess {
  readonly runner: (actor: string) => RecordSession['runner']
  readonly write: (
    operation: Parameters<RecordSession['write']>[0],
    actor: string,
  ) => ReturnType<RecordSession['write']>
  readonly inTransaction: <T>(work: (runner: Runner) => Promise<T>, actor: string) => Promise<T>
  readonly inTurn: <T>(work: (runner: Runner) => Promise<T>, actor: string) => Promise<T>
}

/** How a session reads and writes. The functions are called without `this`. */
export type SessionAccess = Omit<RecordSession, 'actor' | keyof SessionContext | keyof ActingAccess> &
  ActingAccess

export class Session implements RecordSession {
  readonly actor: string
  readonly profiles: RecordSession['profiles']
  readonly policies: RecordSession['policies']
  readonly prices: RecordSession['prices']
  readonly now: RecordSession['now']
  readonly engine: RecordSession['engine']
  readonly statements: RecordSession['statements']
  readonly events: RecordSession['events']
  readonly firstReport: RecordSession['firstReport']
  readonly listen: RecordSession['listen']
  readonly runner: RecordSession['runner']
  readonly read: RecordSession['read']
  readonly getRow: RecordSession['getRow']
  readonly conflictFor: RecordSession['conflictFor']
  readonly write: RecordSession['write']
  readonly inTransaction: RecordSession['inTransaction']
  readonly inTurn: RecordSession['inTurn']
  readonly whenCommitted: RecordSession['whenCommitted']
  readonly watch: RecordSession['watch']
  readonly #access: SessionAccess

  constructor(actor: string, context: SessionContext, access: SessionAccess) {
    this.actor = actor
    this.profiles = context.profiles
    this.policies = context.policies
    this.prices = context.prices
    this.now = context.now
    this.engine = context.engine
    this.statements = context.statements
    this.events = context.events
    this.firstReport = context.firstReport
    this.listen = context.listen
    this.runner = access.runner(actor)
    this.read = access.read
    this.getRow = access.getRow
    this.conflictFor = access.conflictFor
    this.write = (operation) => access.write(operation, actor)
    this.inTransaction = (work) => access.inTransaction(work, actor)
    this.inTurn = (work) => access.inTurn(work, actor)
    this.whenCommitted = access.whenCommitted
    this.watch = access.watch
    this.#access = access
  }

  /** The same session in the name of another actor. */
  as(actor: string): Session {
    return new Session(actor, this, this.#access)
  }

  /** The same actor, reading and writing in another way. */
  within(access: SessionAccess): Session {
    return new Session(this.actor, this, access)
  }
}
