// Loads what a new plan refers to: its action, the root of its parent, its automation profile.

import type { Action } from '../actions/definition.ts'
import { ActionRepository } from '../actions/repository.ts'
import { AutomationProfileRepository } from '../automation-profiles/repository.ts'
import { type ProfileChoices, type ResolvedProfile, resolveProfile } from '../automation-profiles/resolve.ts'
import type { RecordSession } from '../repository/session.ts'

export class PlanReferences {
  readonly #session: RecordSession
  readonly #actions: ActionRepository
  readonly #profiles: AutomationProfileRepository

  constructor(session: RecordSession) {
    this.#session = session
    this.#actions = new ActionRepository(session)
    this.#profiles = new AutomationProfileRepository(session)
  }

  /** Null if there is none of that name; a name that is not text is refused with the plan. */
  async action(name: unknown): Promise<Action | null> {
    return typeof name === 'string' ? this.#actions.get(name) : null
  }

  /** Undefined if there is no such plan. */
  async rootOf(planId: string): Promise<string | undefined> {
    const query = this.#session.statements.query('plan root', [planId], (builder, slot) =>
      builder.selectFrom('plans').select('root_plan_id').where('plan_id', '=', slot(0)),
    )
    const [row] = await this.#session.read(query)
    return row === undefined ? undefined : String(row[0])
  }

  /** @throws InvalidRecordError if the chosen profile does not exist */
  profile(choices: ProfileChoices): Promise<ResolvedProfile> {
    return resolveProfile(choices, this.#profiles)
  }
}
