// Loads what a new plan refers to: its action, its parent, its projects, its automation profile.
// Within one call each of them is read once.

import type { Action } from '../actions/definition.ts'
import { ActionRepository } from '../actions/repository.ts'
import { AutomationProfileRepository } from '../automation-profiles/repository.ts'
import { type ProfileChoices, type ResolvedProfile, resolveProfile } from '../automation-profiles/resolve.ts'
import type { Project } from '../projects/definition.ts'
import { ProjectRepository } from '../projects/repository.ts'
import type { RecordSession } from '../repository/session.ts'
import type { Plan } from './definition.ts'

export class PlanReferences {
  readonly #actions: ActionRepository
  readonly #profiles: AutomationProfileRepository
  readonly #projects: ProjectRepository
  readonly #findPlan: (id: string) => Promise<Plan | undefined>
  readonly #foundActions = new Map<string, Promise<Action | null>>()
  readonly #foundPlans = new Map<string, Promise<Plan | undefined>>()
  readonly #foundProjects = new Map<string, Project | undefined>()

  /** @param findPlan reads a plan by its id */
  constructor(session: RecordSession, findPlan: (id: string) => Promise<Plan | undefined>) {
    this.#actions = new ActionRepository(session)
    this.#profiles = new AutomationProfileRepository(session)
    this.#projects = new ProjectRepository(session)
    this.#findPlan = findPlan
  }

  /** Null if there is none of that name; a name that is not text is refused with the plan. */
  async action(name: unknown): Promise<Action | null> {
    if (typeof name !== 'string') return null
    const found = this.#foundActions.get(name) ?? this.#actions.get(name)
    this.#foundActions.set(name, found)
    return found
  }

  /** Undefined if there is no such plan. */
  plan(id: string): Promise<Plan | undefined> {
    const found = this.#foundPlans.get(id) ?? this.#findPlan(id)
    this.#foundPlans.set(id, found)
    return found
  }

  /** A plan that the same call has made, as a parent of later ones. */
  note(plan: Plan): void {
    this.#foundPlans.set(plan.planId, Promise.resolve(plan))
  }

  /** The records of projects by their names; names without one are only labels. */
  async projects(names: readonly string[]): Promise<readonly Project[]> {
    const missing = [...new Set(names)].filter((name) => !this.#foundProjects.has(name))
    if (missing.length > 0) {
      const found = await this.#projects.getMany(missing)
      for (const name of missing) this.#foundProjects.set(name, found.get(name))
    }
    return names.flatMap((name) => this.#foundProjects.get(name) ?? [])
  }

  /** @throws InvalidRecordError if a chosen profile does not exist */
  profile(choices: ProfileChoices): Promise<ResolvedProfile> {
    return resolveProfile(choices, this.#profiles)
  }
}
