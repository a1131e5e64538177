// Settings: read, set by compare-and-set or regardless, delete, list.

import { z } from 'zod'
import type { WriteOperation } from '../../engines/contract/engine.ts'
import {
  DuplicateRecordError,
  RecordNotFoundError,
  TransactionConflictError,
  VersionConflictError,
} from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { parseOrThrow } from '../model/issues.ts'
import { type JsonValue, jsonRule } from '../model/rules.ts'
import { anyValue, checkArguments, filter, options, text } from '../repository/arguments.ts'
import { lockedRow } from '../repository/database-time.ts'
import type { FilterOf } from '../repository/filters.ts'
import {
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import { changeAll, type RecordSession, type Runner, writeAll } from '../repository/session.ts'
import { VersionedRepository } from '../repository/versioned-repository.ts'
import { type Setting, type SettingFields, settingDefinition } from './definition.ts'
import { checkOwnSetting } from './own-settings.ts'

export type SettingFilter = FilterOf<SettingFields, 'namespace'>

/** What a change of a setting is based on. */
export interface SettingBase {
  /**
   * The version that is replaced, or null for a setting that must not exist yet. Left out, the
   * change is made whatever there is.
   */
  readonly version?: number | null | undefined
}

const changeBase = { version: z.int().min(1).nullable() }

export class SettingRepository extends VersionedRepository<SettingFields> {
  static {
    checkArguments(SettingRepository, {
      set: [text('name'), anyValue('value'), options(changeBase)],
      delete: [text('name'), options({ version: z.int().min(1) })],
      list: [filter, options(pageOptions)],
      count: [filter],
    })
    checkArguments(SettingRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  constructor(session: RecordSession) {
    super(settingDefinition, session)
  }

  /**
   * Stores a value under a name, and returns the setting as written. With a `version` it is a
   * compare-and-set: of concurrent callers with the same version exactly one succeeds. The audit
   * entry has the name and the version, never the value.
   * @param base `{ version: 3 }` replaces that version, `{ version: null }` makes a new setting;
   * left out, the last caller wins
   * @throws VersionConflictError, RecordNotFoundError (a version of a setting that does not exist),
   * DuplicateRecordError (null, and it exists), InvalidRecordError (also for a value that a setting
   * of Purser itself does not take)
   * @example
   * const theme = await store.settings.set('local/theme', { dark: true })
   * await store.settings.set('local/theme', { dark: false }, { version: theme.version })
   */
  async set(name: string, value: JsonValue, base: SettingBase = {}): Promise<Setting> {
    const at = this.session.now()
    const slash = name.indexOf('/')
    const [namespace, key] = [name.slice(0, slash), name.slice(slash + 1)]
    const made = { namespace, key, createdAt: at, updatedAt: at, version: 1 }
    const given = { name, value: parseOrThrow('setting', jsonRule, value, ['value']) }
    const draft = this.completeRecord(given, made) as unknown as Setting
    checkOwnSetting(name, draft.value)
    const { setting, isNew } = await this.session.inTransaction((runner) => this.#store(runner, draft, base))
    const { version } = setting
    this.session.whenCommitted(() =>
      isNew
        ? this.session.events.emit(events.settingCreated, { name })
        : this.session.events.emit(events.settingUpdated, { name, version }),
    )
    return setting
  }

  /**
   * Deletes a setting. True if it existed.
   * @param base only if it has this version
   * @throws VersionConflictError
   */
  async delete(name: string, base: { readonly version?: number | undefined } = {}): Promise<boolean> {
    const gone = await this.session.inTransaction(async (runner) => {
      const row = await lockedRow(this.session, runner, this.definition, name)
      if (row === undefined) return false
      if (base.version !== undefined) this.assertVersion(this.codec.decode(row), base.version)
      const [outcome] = await writeAll(runner, [this.deletion(name)])
      return outcome?.kind === 'deleted' && outcome.count > 0
    })
    if (gone) this.session.whenCommitted(() => this.session.events.emit(events.settingDeleted, { name }))
    return gone
  }

  /** Settings by name. */
  async list(filter: SettingFilter = {}, page: PageRequest = {}): Promise<Page<Setting>> {
    return this.page(this.selection(filter), page)
  }

  /** Every setting that matches a filter, fetched in pages as the loop advances. */
  each(filter: SettingFilter = {}, options: OrderRequest = {}): AsyncIterable<Setting> {
    return this.iterate(this.selection(filter), options)
  }

  async count(filter: SettingFilter = {}): Promise<number> {
    return this.countOf(this.selection(filter))
  }

  async #store(
    runner: Runner,
    draft: Setting,
    { version: expected }: SettingBase,
  ): Promise<{ readonly setting: Setting; readonly isNew: boolean }> {
    const { name, value } = draft
    const { table } = this.definition.shape
    const row = await lockedRow(this.session, runner, this.definition, name)
    if (row === undefined) {
      if (typeof expected === 'number') throw new RecordNotFoundError(table, name)
      const [outcome] = await writeAll(runner, [this.insertion(draft)])
      if (outcome?.kind === 'stored') return { setting: this.asRead(draft), isNew: true }
      if (expected === null) throw new DuplicateRecordError(table, name)
      // Another writer made it first: the next turn finds it.
      throw new TransactionConflictError('another writer has just made the setting; repeat the call')
    }
    const before = this.codec.decode(row)
    if (expected === null) throw new DuplicateRecordError(table, name)
    if (expected !== undefined && before.version !== expected) {
      throw new VersionConflictError(table, name, expected, before.version)
    }
    const setting = this.applyChanges(before, { value }, before.version)
    const { version, updatedAt } = setting
    const operation: WriteOperation = {
      kind: 'compareAndSet',
      shape: this.definition.shape,
      key: name,
      ...this.codec.encodeChanges({ value, updatedAt, version }),
      expect: { column: 'version', value: this.codec.encodeField('version', before.version) },
      auditEntry: this.entryOf('update', setting, { fields: ['value'], version }),
    }
    await changeAll(runner, [operation])
    return { setting: this.asRead(setting), isNew: false }
  }
}
