// Configuration: one frozen, validated value built from a URL, an object, the environment and a
// file. Precedence: the caller's values, then PURSER_URL and PURSER_TENANT, then
// purser.config.{json,yaml}, then `sqlite:./purser.db`.

import { dirname } from 'node:path'
import { z } from 'zod'
import type { Engine } from '../engines/contract/engine.ts'
import type { StoreDriver } from '../engines/core/load-driver.ts'
import { describeIssues, PersistenceConnectionError } from '../errors.ts'
import type { Logger } from '../observability/events.ts'
import { priceRuleSchema } from '../prices/price-rule.ts'
import { copyInput } from '../records/model/copy-input.ts'
import { toIssues } from '../records/model/issues.ts'
import { enforcements } from '../values/enforcement.ts'
import { DAY, HOUR, parseAge } from '../values/instant.ts'
import { isTenantName, TENANT_NAME_FORM } from '../values/tenant-name.ts'
import { readSettings } from './config-file.ts'
import { type ConfigSources, findConfigFile } from './config-location.ts'
import { folderFrom, urlFrom } from './file-locations.ts'

export type { ConfigSources } from './config-location.ts'

export const DEFAULT_URL = 'sqlite:./purser.db'

const age = z
  .string()
  .refine((text) => parseAge(text) >= DAY, 'must be an age of at least a day, such as 90d, 2w or 1y')
  .nullish()

const settingsSchema = z.strictObject({
  /**
   * Where the data is stored: `sqlite:PATH`, `sqlite::memory:`, `postgres://…` or `mariadb://…`.
   */
  url: z
    .string()
    .min(1)
    .refine((text) => text.isWellFormed(), 'must be well-formed Unicode (it has half a surrogate pair)')
    .optional(),
  /** Separates one organisation's rows: a dedicated file, schema or database. */
  tenant: z.string().refine(isTenantName, `must be ${TENANT_NAME_FORM}`).optional(),
  /** What opening does with a database that is not at this build's version. */
  migrate: z.enum(['auto', 'check', 'off']).default('auto'),
  /** Whether a file is copied before a breaking migration. */
  backup: z.boolean().default(true),
  /** A folder that database files must be in. */
  root: z.string().min(1).optional(),
  /** Milliseconds that `close` waits for pending writes. */
  closeTimeout: z.int().min(0).max(3_600_000).default(10_000),
  /**
   * The automation profile of plans for which neither they, their action nor a project names one.
   */
  automationProfile: z.string().min(1).optional(),
  /** Automation profiles by the name of a plan's project. */
  projectProfiles: z.record(z.string(), z.string().min(1)).default({}),
  /** Whether those who ask for an approval may decide it themselves. */
  selfApproval: z.boolean().default(false),
  /**
   * Whether calls that break the rules of plans are refused, or go through and are recorded.
   * Without it, the setting `purser/enforce` of the database decides.
   */
  enforce: z.enum(enforcements).optional(),
  /** Milliseconds without a beat after which an agent is idle. */
  agentIdleAfter: z.int().min(1000).max(31_536_000_000).default(300_000),
  /**
   * How long records are kept, by kind. Older ones are deleted by a prune, or in the background if
   * `automatic` is set.
   */
  retention: z
    .strictObject({ messages: age, costs: age, audit: age, automatic: z.boolean().default(false) })
    .refine(
      ({ messages, costs, audit, automatic }) => !automatic || [messages, costs, audit].some((kind) => kind),
      'automatic needs an age of messages, costs or audit',
    )
    .default({ automatic: false }),
  /**
   * The feed of changes: how long a change is kept, or false to keep none. Every store of a
   * database has to agree, since what one commits without the feed, no reader hears of.
   */
  changes: z
    .union([
      z.literal(false),
      z.strictObject({
        keep: z
          .string()
          .refine((text) => parseAge(text) >= HOUR, 'must be an age of at least an hour, such as 7d or 24h')
          .default('7d'),
      }),
    ])
    .default({ keep: '7d' }),
  /**
   * Prices of the configuration, for calls that are recorded without a cost. They come before the
   * bundled table.
   */
  prices: z.array(priceRuleSchema).max(10_000).default([]),
  batch: z.strictObject({ maxRows: z.int().min(1).max(10_000).default(512) }).default({ maxRows: 512 }),
})

/** The names of all settings. */
export const settingKeys: readonly string[] = Object.keys(settingsSchema.shape)

type Settings = z.output<typeof settingsSchema>

/** What `openStore` accepts besides a URL. Unknown keys are errors. */
export interface StoreOptions extends z.input<typeof settingsSchema> {
  /** A structured logger; a pino logger works. */
  readonly logger?: Logger | undefined
  /** A third party's engine, instead of `url`. */
  readonly engine?: Engine | undefined
  /**
   * The driver of the URL's engine as exported by its package, if it should not be resolved on
   * connecting: in a bundle, or to choose between two versions.
   * @example openStore({ url: 'postgres://localhost/app', driver: pg })
   */
  readonly driver?: StoreDriver | undefined
}

/** A validated configuration. */
export type PersistenceConfig = Readonly<Settings> & {
  readonly url: string
  readonly logger: Logger | undefined
  readonly engine: Engine | undefined
  readonly driver: StoreDriver | undefined
}

const sourcesSchema = z.object({
  environment: z
    .looseObject({ PURSER_URL: z.string().optional(), PURSER_TENANT: z.string().optional() })
    .optional(),
  folder: z.string().optional(),
  file: z.string().nullish(),
}) satisfies z.ZodObject<Record<keyof ConfigSources, z.ZodType>>
const sourceKeys: readonly string[] = Object.keys(sourcesSchema.shape)

/**
 * Resolves a configuration.
 * @throws PersistenceConnectionError (not retryable) that names every invalid key
 */
export function resolveConfig(
  given: string | StoreOptions = {},
  sources: ConfigSources = {},
): PersistenceConfig {
  assertSources(sources)
  const { logger, engine, driver, ...settings } =
    typeof given === 'string' ? { url: given } : checkedOptions(given)
  const environment = sources.environment ?? process.env
  const fromFile = readConfigFile(sources)
  const merged = {
    ...inPlace(fromFile, settings.root !== undefined),
    ...defined({
      url: environment.PURSER_URL || undefined,
      tenant: environment.PURSER_TENANT || undefined,
    }),
    ...defined(settings),
  }
  const parsed = parseSettings('configuration', merged)
  const batch = Object.freeze(parsed.batch)
  const projectProfiles = Object.freeze(parsed.projectProfiles)
  const retention = Object.freeze(parsed.retention)
  const changes = Object.freeze(parsed.changes)
  return Object.freeze({
    ...parsed,
    batch,
    projectProfiles,
    retention,
    changes,
    url: parsed.url ?? DEFAULT_URL,
    logger,
    engine,
    driver,
  })
}

/**
 * The source of a configuration's URL: the caller, PURSER_URL, the file whose path follows, or
 * none.
 */
export type UrlOrigin =
  | { readonly from: 'caller' | 'environment' | 'default' }
  | { readonly from: 'file'; readonly path: string }

/**
 * The source from which `resolveConfig` takes the URL. @throws PersistenceConnectionError like it
 */
export function originOfUrl(given: { readonly url?: string }, sources: ConfigSources = {}): UrlOrigin {
  if (given.url !== undefined) return { from: 'caller' }
  if ((sources.environment ?? process.env).PURSER_URL) return { from: 'environment' }
  const path = findConfigFile(sources)
  return path !== undefined && readConfigFile(sources).settings.url !== undefined
    ? { from: 'file', path }
    : { from: 'default' }
}

/** Read once, so that the checked value is the one used. */
function checkedOptions(given: unknown): StoreOptions {
  const what = 'configuration'
  return readable(what, () => {
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw invalid(`${what}: must be a URL or an object of options`)
    const { logger, engine, driver, ...settings } = given as StoreOptions
    return { ...copyInput(settings, what), logger, engine, driver }
  })
}

function assertSources(sources: ConfigSources): void {
  const what = 'sources of the configuration'
  const result = readable(what, () => {
    const unknown = Object.keys(sources).find((key) => !sourceKeys.includes(key))
    if (unknown !== undefined)
      throw invalid(`${what}: ${unknown.slice(0, 60)} is none; there are ${sourceKeys.join(', ')}`)
    return sourcesSchema.safeParse(sources)
  })
  if (!result.success) throw refused(what, result, sources)
}

/** @throws PersistenceConnectionError for input that throws when read */
function readable<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof PersistenceConnectionError
      ? error
      : invalid(`${what}: cannot be read: reading it throws`)
  }
}

interface FileSettings {
  readonly settings: Readonly<Record<string, unknown>>
  /** The folder of the file; its relative paths start there. */
  readonly folder: string
}

function readConfigFile(sources: ConfigSources): FileSettings {
  const path = findConfigFile(sources)
  if (path === undefined) return { settings: {}, folder: process.cwd() }
  const content = readSettings(path)
  const settings = content === null || content === undefined ? {} : parseKeys(path, content)
  return { settings, folder: dirname(path) }
}

/**
 * The contents of a file, with its paths resolved against its folder; those in the working folder
 * are kept as written.
 */
function inPlace({ settings, folder }: FileSettings, isRootGiven: boolean): FileSettings['settings'] {
  if (folder === process.cwd()) return settings
  const { url, root } = settings
  return {
    ...settings,
    ...(typeof root === 'string' ? { root: folderFrom(root, folder) } : {}),
    ...(typeof url === 'string' ? { url: urlFrom(url, folder, isRootGiven || root !== undefined) } : {}),
  }
}

/** Checks a file separately, so that a message names it, and omits what it does not set. */
function parseKeys(path: string, content: unknown): Readonly<Record<string, unknown>> {
  parseSettings(path, content)
  return content as Readonly<Record<string, unknown>>
}

function parseSettings(source: string, input: unknown): Settings {
  const result = readable(source, () => settingsSchema.safeParse(input))
  if (result.success) return result.data
  throw refused(source, result, input)
}

function refused(
  source: string,
  // Its error is created lazily, from the input.
  result: z.ZodSafeParseError<unknown>,
  input: unknown,
): PersistenceConnectionError {
  const issues = readable(source, () => result.error.issues.flatMap((issue) => toIssues(issue, input)))
  return invalid(describeIssues(source, issues))
}

function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
}

function invalid(message: string, cause?: unknown): PersistenceConnectionError {
  return new PersistenceConnectionError(message, { cause, retryable: false })
}
