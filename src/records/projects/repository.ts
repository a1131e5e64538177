// Projects: create, change under version control, delete. plans/references.ts reads what plans take
// from them.

import { DuplicateRecordError, InvalidRecordError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { AutomationProfileRepository } from '../automation-profiles/repository.ts'
import { resolveProfile } from '../automation-profiles/resolve.ts'
import { parseOrThrow } from '../model/issues.ts'
import { nameRule } from '../model/rules.ts'
import { base, checkArguments, filter, options, record, text } from '../repository/arguments.ts'
import type { FilterOf, OwnFilters } from '../repository/filters.ts'
import {
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import type { RecordSession } from '../repository/session.ts'
import { type ChangeRange, changeRange } from '../repository/time-range.ts'
import { type Base, VersionedRepository } from '../repository/versioned-repository.ts'
import {
  type NewProject,
  type Project,
  type ProjectFields,
  type ProjectPatch,
  projectDefinition,
} from './definition.ts'

export type ProjectFilter = FilterOf<ProjectFields, 'name' | 'automationProfile' | 'readOnly'> & ChangeRange

export const projectFilters: OwnFilters = changeRange()

export class ProjectRepository extends VersionedRepository<ProjectFields> {
  static {
    checkArguments(ProjectRepository, {
      create: [record],
      list: [filter, options(pageOptions)],
      count: [filter],
      update: [text('name'), record, base()],
      delete: [text('name')],
    })
    checkArguments(ProjectRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  readonly #profiles: AutomationProfileRepository

  constructor(session: RecordSession) {
    super(projectDefinition, session)
    this.#profiles = new AutomationProfileRepository(session)
  }

  /**
   * Stores a new project and returns it as written. Plans that name it already keep what they
   * froze.
   * @throws InvalidRecordError (also for an unknown automation profile, and a budget that does not
   * count the project), DuplicateRecordError
   * @example
   * await store.projects.create({ name: 'parser', automationProfile: 'cautious', invariants: [{ text: 'The grammar stays LL(1)' }] })
   */
  async create(input: NewProject): Promise<Project> {
    const project = this.begun(input) as unknown as Project
    this.definition.assertRules(project)
    await this.#assertReferences(project.name, project)
    const auditEntry = this.entryOf('create', project, { version: 1 })
    const outcome = await this.session.write(this.insertion(project, auditEntry))
    if (outcome.kind === 'duplicate') throw new DuplicateRecordError('projects', project.name)
    const { name } = project
    this.session.whenCommitted(() => this.session.events.emit(events.projectCreated, { name }))
    return project
  }

  /** Projects by name. */
  async list(filter: ProjectFilter = {}, page: PageRequest = {}): Promise<Page<Project>> {
    return this.page(this.selection(filter, projectFilters), page)
  }

  /** Every project that matches a filter, fetched in pages as the loop advances. */
  each(filter: ProjectFilter = {}, options: OrderRequest = {}): AsyncIterable<Project> {
    return this.iterate(this.selection(filter, projectFilters), options)
  }

  async count(filter: ProjectFilter = {}): Promise<number> {
    return this.countOf(this.selection(filter, projectFilters))
  }

  /**
   * Changes fields of the project at `version`, and appends an audit entry that names them. Plans
   * keep the profile that they froze.
   * @throws RecordNotFoundError, VersionConflictError, InvalidRecordError
   */
  async update(name: string, patch: ProjectPatch, base: Base): Promise<Project> {
    const changes = this.definition.parsePatch(patch)
    const expected = this.versionOf(base)
    const current = await this.getAt(name, expected)
    await this.#assertReferences(name, changes)
    const project = this.applyChanges(current, changes, expected)
    await this.writeChanges(project, changes)
    const { version } = project
    this.session.whenCommitted(() => this.session.events.emit(events.projectUpdated, { name, version }))
    return project
  }

  /**
   * Deletes the record; the name is only a label then. Plans keep the profile that they froze.
   * True if it existed.
   */
  async delete(name: string): Promise<boolean> {
    const key = parseOrThrow('name of the project', nameRule, name)
    const auditEntry = this.entryOf('delete', { name: key }, null)
    const outcome = await this.session.write({
      kind: 'delete',
      shape: this.definition.shape,
      key,
      auditEntry,
    })
    const gone = outcome.kind === 'deleted' && outcome.count > 0
    if (gone) this.session.whenCommitted(() => this.session.events.emit(events.projectDeleted, { name: key }))
    return gone
  }

  async #assertReferences(
    name: string,
    { automationProfile, budget }: { readonly automationProfile?: unknown; readonly budget?: unknown },
  ): Promise<void> {
    if (typeof automationProfile === 'string')
      await resolveProfile({ project: automationProfile }, this.#profiles)
    if (typeof budget !== 'string') return
    const sql = "select 1 from budgets where name = ? and scope = 'project' and target = ?"
    const rows = await this.session.read(this.session.statements.raw(sql, sql, [budget, name]))
    if (rows.length > 0) return
    const message = 'names no budget of the scope project that has this project as its target; make it first'
    throw new InvalidRecordError('project', [{ path: ['budget'], code: 'unknown_budget', message }])
  }
}
