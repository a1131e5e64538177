// Completes words in a shell with names from the store: ids, names, projects, agents. Offers
// nothing, silently, if there is no store, or it does not answer at once.

import { setTimeout } from 'node:timers/promises'
import type { NameColumn } from '../../engines/names-in.ts'
import type { NameKind } from './completion.ts'

/** The most names offered of each kind. */
const MOST = 50
/** Milliseconds after which nothing is offered. */
const TIME_LIMIT = 2000

const columns: Readonly<Record<NameKind, readonly NameColumn[]>> = {
  task: [{ table: 'tasks', column: 'id' }],
  plan: [
    { table: 'plans', column: 'name' },
    { table: 'plans', column: 'plan_id' },
  ],
  action: [{ table: 'actions', column: 'name' }],
  profile: [{ table: 'automation_profiles', column: 'name' }],
  channel: [{ table: 'messages', column: 'channel' }],
  project: [
    { table: 'projects', column: 'name' },
    { table: 'tasks', column: 'project' },
    { table: 'cost_records', column: 'project' },
  ],
  agent: [
    { table: 'tasks', column: 'assigned_to' },
    { table: 'cost_records', column: 'agent_id' },
    { table: 'messages', column: 'to' },
    { table: 'agents', column: 'id' },
  ],
  budget: [{ table: 'budgets', column: 'name' }],
  approval: [{ table: 'approvals', column: 'id' }],
  run: [{ table: 'parked_runs', column: 'id' }],
  checkpoint: [{ table: 'plan_checkpoints', column: 'checkpoint_id' }],
  decision: [{ table: 'decisions', column: 'decision_id' }],
  token: [{ table: 'tokens', column: 'name' }],
  setting: [{ table: 'settings', column: 'name' }],
}

/** Words that need no quotes in any shell; others are not offered. */
const plain = /^[\p{L}\p{M}\p{N}_@%+=:,./-]+$/u

/** @param words of the command line, which may name the place */
export async function completeNames(
  kind: NameKind,
  start: string,
  words: readonly string[],
): Promise<readonly string[]> {
  const patience = new AbortController()
  const late = setTimeout(TIME_LIMIT, [], { signal: patience.signal, ref: false }).then(() => {
    // A server that does not answer would keep the process, and the shell, waiting.
    setImmediate(() => process.exit(0))
    return []
  })
  try {
    const found = await Promise.race([namesOf(kind, start, words), late])
    return [...new Set(found)].filter((name) => plain.test(name))
  } catch {
    return []
  } finally {
    patience.abort()
    late.catch(() => undefined)
  }
}

async function namesOf(kind: NameKind, start: string, words: readonly string[]): Promise<readonly string[]> {
  const { namesIn } = await import('../../engines/names-in.ts')
  return namesIn(await placeOf(words), columns[kind], start, MOST)
}

/**
 * The place named by the words, the environment and the configuration file, as `resolveConfig`
 * takes it, without checking the rest.
 */
async function placeOf(words: readonly string[]): Promise<{ url: string; tenant?: string; root?: string }> {
  const { env } = process
  const { nearestConfigFile } = await import('../../config/config-location.ts')
  const { folderFrom, urlFrom } = await import('../../config/file-locations.ts')
  const path = flagIn('--config', words) ?? nearestConfigFile(process.cwd())
  const settings = path === undefined ? {} : await settingsIn(path)
  const { dirname, resolve } = await import('node:path')
  const folder = path === undefined ? process.cwd() : dirname(resolve(path))
  const text = (name: string) => (typeof settings[name] === 'string' ? (settings[name] as string) : undefined)
  const root = text('root')
  const ofFile = text('url')
  const url =
    flagIn('--url', words) ??
    (env.PURSER_URL ||
      (ofFile === undefined ? 'sqlite:./purser.db' : urlFrom(ofFile, folder, root !== undefined)))
  const tenant = flagIn('--tenant', words) ?? (env.PURSER_TENANT || text('tenant'))
  return {
    url,
    ...(tenant === undefined ? {} : { tenant }),
    ...(root === undefined ? {} : { root: folderFrom(root, folder) }),
  }
}

async function settingsIn(path: string): Promise<Readonly<Record<string, unknown>>> {
  const { readSettings } = await import('../../config/config-file.ts')
  return (readSettings(path) ?? {}) as Readonly<Record<string, unknown>>
}

function flagIn(flag: string, words: readonly string[]): string | undefined {
  const joined = words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1)
  const index = words.indexOf(flag)
  return joined ?? (index < 0 ? undefined : words[index + 1])
}
