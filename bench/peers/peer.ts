// What the queues of other projects look like to the bench. They are installed apart from the
// project, in this folder, so nothing here may import one by name: their types are not there.

import { existsSync, readFileSync } from 'node:fs'

export interface Peer {
  /** With its version. */
  readonly name: string
  add(payloads: readonly object[]): Promise<void>
  /**
   * Works on as many jobs as were added, with nothing to do for any of them.
   * @param atOnce how many jobs a worker takes with one question to the database
   * @returns microseconds per job
   */
  work(count: number, workers: number, atOnce: number): Promise<number>
  close(): Promise<void>
}

/** What a row says in place of a comparison. */
export const NOT_INSTALLED = 'not installed: npm ci --prefix bench/peers'

export interface Loaded<Module> {
  readonly module: Module
  /** The package's name and version. */
  readonly name: string
}

/** A package of this folder; undefined if it is not installed. */
export async function loadPeer<Module>(name: string): Promise<Loaded<Module> | undefined> {
  const manifest = new URL(`./node_modules/${name}/package.json`, import.meta.url)
  if (!existsSync(manifest)) return undefined
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return { module: (await import(name)) as Module, name: `${name} ${version}` }
}
