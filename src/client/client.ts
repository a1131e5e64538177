// A store over HTTP: what `purser/client` gives.

import type { DoctorOptions, DoctorReport } from '../doctor/run-doctor.ts'
import type { SchemaDifference } from '../migrations/drift.ts'
import type { Repositories } from '../records/registry.ts'
import type { PruneOptions, Retention, RetentionPreview, RetentionResult } from '../retention/retention.ts'
import type { Role } from '../server/access/roles.ts'
import type { Store } from '../store/store.ts'
import { type ChangesByHttp, changesBy } from './feed.ts'
import {
  type CallOptions,
  type ClientOptions,
  checkedCallOptions,
  type Settings,
  settingsOf,
} from './options.ts'
import { callOf } from './request.ts'
import { revive, reviveOf } from './revive.ts'
import { readRoute } from './route.ts'
import { send } from './send.ts'
import { repositoriesBy } from './verbs.ts'

/** Verbs that serve programs in the process of the store only. */
type NotByHttp = 'getMany' | 'idsFrom' | 'save'

/** The verbs of a repository over HTTP. */
type ByHttp<R> = { readonly [V in Exclude<keyof R, NotByHttp>]: R[V] }

/** The repositories of a store, each under its property, with the verbs that HTTP has. */
export type RepositoriesByHttp = { readonly [P in keyof Repositories]: ByHttp<Repositories[P]> }

/** Who the requests are from, and what answers them. */
export interface Me {
  readonly role: Role
  /** Whom the audit trail names; null for the store's own name. */
  readonly actor: string | null
  /** The only tenant that may be reached; null for any. */
  readonly tenant: string | null
  readonly via: string
  readonly server: { readonly version: string; readonly engine: string; readonly location: string }
}

/** A record that a search found. */
export interface Found {
  /** The name of its kind in paths: `tasks`. */
  readonly resource: string
  readonly id: string
  readonly record: Readonly<Record<string, unknown>>
}

export interface ServerStatus {
  readonly engine: string
  readonly version: string
  readonly health: { readonly ok: boolean; readonly latencyMs: number; readonly schemaVersion: number | null }
  readonly info: Awaited<ReturnType<Store['info']>>
  readonly schema: Awaited<ReturnType<Store['migrationStatus']>>
}

/**
 * A store over HTTP: its repositories with the same verbs, records and errors. What needs the
 * process of the store is not there: transactions, events, migrations, transfer.
 */
export interface Client extends RepositoriesByHttp {
  readonly changes: ChangesByHttp
  readonly retention: {
    preview(request?: Parameters<Retention['preview']>[0]): Promise<readonly RetentionPreview[]>
    /** Removes old records. For a token of the role admin. */
    prune(request: Omit<PruneOptions, 'signal' | 'onProgress'>): Promise<readonly RetentionResult[]>
  }
  /** The same client with other settings: a tenant, a signal, more time. */
  with(options: CallOptions): Client
  me(): Promise<Me>
  /** Records that have a text, or an id that begins with it. */
  search(text: string, options?: { readonly limit?: number | undefined }): Promise<readonly Found[]>
  status(): Promise<ServerStatus>
  drift(): Promise<readonly SchemaDifference[]>
  /** Examines the whole database, which takes as long as reading it: give it a `timeout`. */
  doctor(options?: Pick<DoctorOptions, 'only'>): Promise<DoctorReport>
  /** The names of the tenants that the server has. */
  tenants(): Promise<readonly string[]>
}

/**
 * A client of a server (`purser serve`, `purser/server`). It connects to nothing by itself and has
 * nothing to close. Calls reject with the errors of the library; RequestFailedError says that the
 * server refused the request itself, PersistenceConnectionError that it cannot be reached.
 * @throws InvalidRecordError for options that are none
 * @example
 * const client = createClient({ url: 'http://127.0.0.1:7333', token: process.env.PURSER_TOKEN })
 * const task = await client.tasks.create({ title: 'Chart the tides', type: 'feature', project: 'tide', createdBy: 'ada' })
 * for await (const { changes } of client.changes.follow({ records: ['task'] })) console.log(changes)
 */
export function createClient(options: ClientOptions): Client {
  return clientOf(settingsOf(options))
}

const routes = {
  me: readRoute('me', 'GET /me > object'),
  search: readRoute('search', 'GET /search text:q options:limit texts > items'),
  status: readRoute('status', 'GET /status > object'),
  drift: readRoute('drift', 'GET /drift > items'),
  doctor: readRoute('doctor', 'POST /doctor read > object'),
  preview: readRoute(
    'preview',
    'GET /retention options:messages,costs,audit texts > items cutoff oldest newest',
  ),
  prune: readRoute('prune', 'POST /retention/prune options:messages,costs,audit,maxRows > items cutoff'),
  tenants: readRoute('tenants', 'GET /tenants > items'),
}

function clientOf(settings: Settings): Client {
  const ask = async <T>(
    route: keyof typeof routes,
    given: readonly unknown[] = [],
    query = '',
  ): Promise<T> => {
    const { signals: _, path, ...asked } = callOf(routes[route], given)
    const { text } = await send(settings, { ...asked, path: `${path}${query}` })
    const { result, places } = routes[route]
    const body = JSON.parse(text)
    return revive(result === 'items' ? body.items : body, places)
  }
  const whole: Omit<Client, keyof Repositories> = {
    changes: changesBy(settings),
    retention: Object.freeze({
      preview: (request?: object) => ask<readonly RetentionPreview[]>('preview', [request]),
      prune: (request: object) => ask<readonly RetentionResult[]>('prune', [request]),
    }),
    with: (options) => clientOf(checkedCallOptions(settings, options)),
    me: () => ask('me'),
    search: async (text, options) => {
      const found = await ask<readonly Found[]>('search', [text, options])
      for (const { record, resource } of found) reviveOf(record, resource)
      return found
    },
    status: () => ask('status'),
    drift: () => ask('drift'),
    doctor: ({ only } = {}) =>
      ask('doctor', [], only === undefined ? '' : `?${new URLSearchParams({ only: only.join(',') })}`),
    tenants: async () => (await ask<readonly { readonly name: string }[]>('tenants')).map(({ name }) => name),
  }
  return Object.freeze({ ...repositoriesBy(settings), ...whole }) as unknown as Client
}
