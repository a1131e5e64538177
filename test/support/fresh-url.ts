// A database with nothing in it on any engine, for tests that are about URLs: commands, copies,
// exports. Gone when the test has finished. `describeOnEngines` makes a suite for each engine that
// can be had; one that cannot is skipped, and in CI it fails.

import { describe, onTestFinished } from 'vitest'
import { type ServerEngine, serverEngines, serverUrl } from './engines/server-url.ts'
import { placesAt } from './engines/servers.ts'
import { scratchFile } from './scratch.ts'

export type EngineName = 'sqlite' | ServerEngine

export const engineNames: readonly EngineName[] = ['sqlite', 'postgres', 'mariadb']

/**
 * The URL of a place with nothing in it; `openStore` and `purser migrate` make what is needed
 * there. Call it inside a test.
 * @param settings go into the URL: `{ poolMax: 2 }`
 * @throws where the engine has no server; `describeOnEngines` asks before
 */
export async function freshUrl(
  engine: EngineName,
  settings: Readonly<Record<string, string | number>> = {},
): Promise<string> {
  if (engine === 'sqlite') {
    const search = new URLSearchParams()
    for (const [name, value] of Object.entries(settings)) search.set(name, String(value))
    return `sqlite:${scratchFile()}${search.size > 0 ? `?${search}` : ''}`
  }
  const server = serverUrl(engine)
  if (server === undefined) throw new Error(`there is no server of ${serverEngines[engine]}`)
  const places = placesAt(engine, server)
  onTestFinished(() => places.dropAll())
  return places.urlOf(await places.create(), settings)
}

/** Whether tests on the engine can run here. @throws in CI, where all of them have to */
export function isThere(engine: EngineName): boolean {
  return engine === 'sqlite' || serverUrl(engine) !== undefined
}

/**
 * The same suite on every engine: `describeOnEngines('export', (engine) => test('…', async () => {
 * await freshUrl(engine) }))`.
 */
export function describeOnEngines(title: string, suite: (engine: EngineName) => void): void {
  for (const engine of engineNames) {
    if (isThere(engine)) describe(`${title} on ${engine}`, () => suite(engine))
    else describe.skip(`${title} on ${engine} (there is no server)`, () => undefined)
  }
}
