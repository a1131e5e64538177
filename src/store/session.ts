// What every repository works on: who acts, what belongs to the whole store, and the way in which
// reads and writes reach the database. The store has one way, each transaction has another.

import type { RecordSession } from '../records/repository/session.ts'

/** What all sessions of one store share. */
export type SessionContext = Pick<
  RecordSession,
  'profiles' | 'now' | 'engine' | 'statements' | 'events' | 'firstReport'
>

/** How a session reads and writes. The functions are called without `this`. */
export type SessionAccess = Omit<RecordSession, 'actor' | keyof SessionContext>

export class Session implements RecordSession {
  readonly actor: string
  readonly profiles: RecordSession['profiles']
  readonly now: RecordSession['now']
  readonly engine: RecordSession['engine']
  readonly statements: RecordSession['statements']
  readonly events: RecordSession['events']
  readonly firstReport: RecordSession['firstReport']
  readonly runner: RecordSession['runner']
  readonly read: RecordSession['read']
  readonly getRow: RecordSession['getRow']
  readonly conflictFor: RecordSession['conflictFor']
  readonly write: RecordSession['write']
  readonly inTransaction: RecordSession['inTransaction']
  readonly whenCommitted: RecordSession['whenCommitted']
  readonly watch: RecordSession['watch']
  readonly #access: SessionAccess

  constructor(actor: string, context: SessionContext, access: SessionAccess) {
    this.actor = actor
    this.profiles = context.profiles
    this.now = context.now
    this.engine = context.engine
    this.statements = context.statements
    this.events = context.events
    this.firstReport = context.firstReport
    this.runner = access.runner
    this.read = access.read
    this.getRow = access.getRow
    this.conflictFor = access.conflictFor
    this.write = access.write
    this.inTransaction = access.inTransaction
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
