// Actions: create, change under version control, archive, delete.

import type { WireValue, WriteOperation } from '../../engines/contract/engine.ts'
import { ConstraintViolationError, DuplicateRecordError } from '../../errors.ts'
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
import { type RecordSession, writeAll } from '../repository/session.ts'
import { type ChangeRange, changeRange } from '../repository/time-range.ts'
import { type Base, VersionedRepository } from '../repository/versioned-repository.ts'
import {
  type Action,
  type ActionFields,
  type ActionPatch,
  actionDefinition,
  type NewAction,
} from './definition.ts'

export type ActionFilter = FilterOf<ActionFields, 'state' | 'createdBy'> &
  ChangeRange & {
    /** Actions with this tag. */
    readonly tag?: string | undefined
  }

export const actionFilters: OwnFilters = {
  ...changeRange(),
  tag: (name, filter, { plural, column, decode }) => {
    const tag = parseOrThrow(`filter of ${plural}`, nameRule, filter[name], [name])
    const test = {
      key: `${name} ${JSON.stringify(tag)}`,
      columns: [column('tags')],
      passes: ([stored = null]: readonly WireValue[]) => {
        const tags = decode('tags', stored)
        return Array.isArray(tags) && tags.includes(tag)
      },
    }
    return { conditions: [], test }
  },
}

export class ActionRepository extends VersionedRepository<ActionFields> {
  static {
    checkArguments(ActionRepository, {
      create: [record],
      list: [filter, options(pageOptions)],
      count: [filter],
      update: [text('name'), record, base()],
      delete: [text('name')],
    })
    checkArguments(ActionRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  readonly #profiles: AutomationProfileRepository

  constructor(session: RecordSession) {
    super(actionDefinition, session)
    this.#profiles = new AutomationProfileRepository(session)
  }

  /**
   * Stores a new action and returns it as written.
   * @throws InvalidRecordError (also for an unknown automation profile), DuplicateRecordError
   * @example
   * await store.actions.create({
   *   name: 'local/build',
   *   description: 'Build what the plan says',
   *   automationProfile: 'trusted',
   *   arguments: [{ name: 'target', type: 'string', required: true, pattern: '[a-z]+', position: 0 }],
   * })
   */
  async create(input: NewAction): Promise<Action> {
    const action = this.begun({
      ...input,
      createdBy: input.createdBy ?? this.session.actor,
    }) as unknown as Action
    await this.#assertProfile(action.automationProfile)
    const auditEntry = this.entryOf('create', action, {
      automationProfile: action.automationProfile,
      version: 1,
    })
    const outcome = await this.session.write(this.insertion(action, auditEntry))
    if (outcome.kind === 'duplicate') throw new DuplicateRecordError('actions', action.name)
    const { name } = action
    this.session.whenCommitted(() => this.session.events.emit(events.actionCreated, { name }))
    return action
  }

  /** Actions by creation time, then name. */
  async list(filter: ActionFilter = {}, page: PageRequest = {}): Promise<Page<Action>> {
    return this.page(this.selection(filter, actionFilters), page)
  }

  /** Every action that matches a filter, fetched in pages as the loop advances. */
  each(filter: ActionFilter = {}, options: OrderRequest = {}): AsyncIterable<Action> {
    return this.iterate(this.selection(filter, actionFilters), options)
  }

  async count(filter: ActionFilter = {}): Promise<number> {
    return this.countOf(this.selection(filter, actionFilters))
  }

  /**
   * Changes fields of the action at `version` and appends an audit entry that names them. Plans
   * already made from it keep their values.
   * @throws RecordNotFoundError, VersionConflictError, InvalidRecordError
   */
  async update(name: string, patch: ActionPatch, base: Base): Promise<Action> {
    const changes = this.definition.parsePatch(patch)
    const expected = this.versionOf(base)
    const current = await this.getAt(name, expected)
    await this.#assertProfile(changes.automationProfile)
    const action = this.applyChanges(current, changes, expected)
    await this.writeChanges(action, changes)
    const { version } = action
    this.session.whenCommitted(() => this.session.events.emit(events.actionUpdated, { name, version }))
    return action
  }

  /**
   * Deletes an action that no live plan uses. True if it existed.
   * @throws ConstraintViolationError while a plan made from it is neither applied nor cancelled
   */
  async delete(name: string): Promise<boolean> {
    const key = parseOrThrow('name of the action', nameRule, name)
    const gone = await this.session.inTransaction(async (runner) => {
      const query = this.session.statements.query('actions in use', [key], (builder, slot) =>
        builder
          .selectFrom('plans')
          .select((eb) => eb.fn.countAll().as('count'))
          .where('action_name', '=', slot(0))
          .where('state', 'not in', ['applied', 'cancelled']),
      )
      const [row] = await runner.read(query)
      const live = Number(row?.[0] ?? 0)
      if (live > 0) throw inUse(key, live)
      const [outcome] = await writeAll(runner, [this.deletion(key)])
      return outcome?.kind === 'deleted' && outcome.count > 0
    })
    if (gone) this.session.whenCommitted(() => this.session.events.emit(events.actionDeleted, { name: key }))
    return gone
  }

  async #assertProfile(name: unknown): Promise<void> {
    if (typeof name === 'string') await resolveProfile({ action: name }, this.#profiles)
  }
}

function inUse(name: string, plans: number): ConstraintViolationError {
  const them = plans === 1 ? '1 live plan uses' : `${plans} live plans use`
  return new ConstraintViolationError(
    'action in use',
    `${them} the action ${JSON.stringify(name)}; archive it, or delete it once they are applied or cancelled`,
  )
}

/** The change that archives an action with the only plan that is made from it. */
export function archivalOf(session: RecordSession, action: Action): WriteOperation {
  return new Archival(session).of(action)
}

class Archival extends VersionedRepository<ActionFields> {
  constructor(session: RecordSession) {
    super(actionDefinition, session)
  }

  of(before: Action): WriteOperation {
    const changes = { state: 'archived' as const }
    const { version, updatedAt } = this.applyChanges(before, changes, before.version)
    return {
      kind: 'compareAndSet',
      shape: this.definition.shape,
      key: before.name,
      ...this.codec.encodeChanges({ ...changes, updatedAt, version }),
      expect: { column: 'version', value: before.version },
      whereIn: { column: 'state', values: ['available'] },
      auditEntry: this.entryOf('update', before, { fields: ['state'], version, usedUp: true }),
    }
  }
}
