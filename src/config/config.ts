// Configuration: one frozen, validated value out of a URL, an object, the environment and a file. Precedence: what the
// caller passes, then PURSER_URL and PURSER_TENANT, then purser.config.{json,yaml}, then `sqlite:./purser.db`.

import { dirname } from 'node:path'
import { z } from 'zod'
import type { Engine } from '../engines/contract/engine.ts'
import type { StoreDriver } from '../engines/core/load-driver.ts'
import { describeIssues, PersistenceConnectionError } from '../errors.ts'
import type { Logger } from '../observability/events.ts'
import { copyInput } from '../records/model/copy-input.ts'
import { toIssues } from '../records/model/issues.ts'
import { DAY, parseAge } from '../values/instant.ts'
import { readSettings } from './config-file.ts'
import { type ConfigSources, findConfigFile } from './config-place.ts'
import { folderFrom, urlFrom } from './file-places.ts'

export type { ConfigSources } from './config-place.ts'

export const DEFAULT_URL = 'sqlite:./purser.db'

const age = z
  .string()
  .refine((text) => parseAge(text) >= DAY, 'must be an age of at least a day, such as 90d, 2w or 1y')
  .nullish()

const settingsSchema = z.strictObject({
  /** Where the data are: `sqlite:PATH`, `sqlite::memory:`, `postgres://…` or `mariadb://…`. */
  url: z
    .string()
    .min(1)
    .refine((text) => text.isWellFormed(), 'must be well-formed Unicode (it has half a surrogate pair)')
    .optional(),
  /** Keeps one organisation's rows apart: its own file, schema or database. */
  tenant: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,30}$/)
    .optional(),
  /** What opening does with a database that is not at this build's version. */
  migrate: z.enum(['auto', 'check', 'off']).default('auto'),
  /** Whether a file is copied before a breaking migration. */
  backup: z.boolean().default(true),
  /** A folder that file databases must be inside of. */
  root: z.string().min(1).optional(),
  /** Milliseconds that `close` waits for writes in flight. */
  closeTimeout: z.int().min(0).max(3_600_000).default(10_000),
  /** The automation profile of plans that have none from themselves, their action or a project of theirs. */
  automationProfile: z.string().min(1).optional(),
  /** Automation profiles by the name of a plan's project. */
  projectProfiles: z.record(z.string(), z.string().min(1)).default({}),
  /** How long records are kept, by kind; what is older goes when somebody prunes, or by itself where `automatic` says so. */
  retention: z
    .strictObject({ messages: age, costs: age, audit: age, automatic: z.boolean().default(false) })
    .refine(
      ({ messages, costs, audit, automatic }) => !automatic || [messages, costs, audit].some((kind) => kind),
      'automatic needs an age of messages, costs or audit',
    )
    .default({ automatic: false }),
  batch: z.strictObject({ maxRows: z.int().min(1).max(10_000).default(512) }).default({ maxRows: 512 }),
})

/** The names of all settings. */
export const settingKeys: readonly string[] = Object.keys(settingsSchema.shape)

type Settings = z.output<typeof settingsSchema>

/** What `openStore` takes beside a URL. Unknown keys are errors. */
export interface StoreOptions extends z.input<typeof settingsSchema> {
  /** A structured logger; pino fits. */
  readonly logger?: Logger | undefined
  /** A third party's engine, in place of `url`. */
  readonly engine?: Engine | undefined
  /**
   * The driver of the URL's engine as its package exports it, where it should not be looked up when the store connects: in a bundle, or
   * to choose between two versions.
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
 * @throws PersistenceConnectionError (not retryable) naming every key that is wrong
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
  return Object.freeze({
    ...parsed,
    batch,
    projectProfiles,
    retention,
    url: parsed.url ?? DEFAULT_URL,
    logger,
    engine,
    driver,
  })
}

/** Where the URL of a configuration comes from: the caller, PURSER_URL, the file whose path follows, or nowhere. */
export type UrlOrigin =
  | { readonly from: 'caller' | 'environment' | 'default' }
  | { readonly from: 'file'; readonly path: string }

/** Which of the sources `resolveConfig` takes the URL from. @throws PersistenceConnectionError as it does */
export function originOfUrl(given: { readonly url?: string }, sources: ConfigSources = {}): UrlOrigin {
  if (given.url !== undefined) return { from: 'caller' }
  if ((sources.environment ?? process.env).PURSER_URL) return { from: 'environment' }
  const path = findConfigFile(sources)
  return path !== undefined && readConfigFile(sources).settings.url !== undefined
    ? { from: 'file', path }
    : { from: 'default' }
}

/** Read once: what is checked is what is used. */
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

/** @throws PersistenceConnectionError for what throws when it is read */
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
  /** Where the file stands; its relative paths begin there. */
  readonly folder: string
}

function readConfigFile(sources: ConfigSources): FileSettings {
  const path = findConfigFile(sources)
  if (path === undefined) return { settings: {}, folder: process.cwd() }
  const content = readSettings(path)
  const settings = content === null || content === undefined ? {} : parseKeys(path, content)
  return { settings, folder: dirname(path) }
}

/** What a file says, with the paths in it from its folder on; those of the working folder are left as they are written. */
function inPlace({ settings, folder }: FileSettings, isRootGiven: boolean): FileSettings['settings'] {
  if (folder === process.cwd()) return settings
  const { url, root } = settings
  return {
    ...settings,
    ...(typeof root === 'string' ? { root: folderFrom(root, folder) } : {}),
    ...(typeof url === 'string' ? { url: urlFrom(url, folder, isRootGiven || root !== undefined) } : {}),
  }
}

/** Checks a file by itself, so that a message names it, and leaves out what it does not set. */
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
  // Its error is made when it is asked for, out of the input.
  result: z.ZodSafeParseError<unknown>,
  input: unknown,
): PersistenceConnectionError {
  const issues = readable(source, () =>
    result.error.issues.flatMap((issue) => toIssues(issue, input)).map(explainTenant),
  )
  return invalid(describeIssues(source, issues))
}

function explainTenant(issue: ReturnType<typeof toIssues>[number]) {
  if (issue.path[0] !== 'tenant' || issue.code !== 'invalid_format') return issue
  return {
    ...issue,
    message: 'must be a small letter followed by at most 30 small letters, digits or underscores',
  }
}

function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
}

function invalid(message: string, cause?: unknown): PersistenceConnectionError {
  return new PersistenceConnectionError(message, { cause, retryable: false })
}
