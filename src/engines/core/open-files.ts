// Tracks the database files that this process has open. Closing any descriptor of such a file drops
// every POSIX lock the process holds on it (https://sqlite.org/howtocorrupt.html, 2.2), so no other
// code may open it, not even for reading. Files are identified by device and inode, and counted in
// memory shared between the main thread and its workers.

import { readdirSync, type Stats, statSync } from 'node:fs'
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import { SIDE_FILES } from './side-files.ts'

const KEY = 'purser.open-files'
const SLOTS = 4096

/** Two files may share a slot: a count can be too high, never too low. */
const counts = (() => {
  const known: unknown = getEnvironmentData(KEY)
  if (known instanceof SharedArrayBuffer) return new Int32Array(known)
  const made = new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT)
  setEnvironmentData(KEY, made)
  return new Int32Array(made)
})()

type FileId = Pick<Stats, 'dev' | 'ino'>

const slotOf = ({ dev, ino }: FileId): number => (ino * 31 + dev) % SLOTS

function idOf(path: string): FileId | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    // A path that is too long, or that leads through a file, cannot be an open database.
    return undefined
  }
}

/** Counts a descriptor of a database. Call the returned function once it is closed. */
export function noteOpen(path: string): () => void {
  const id = idOf(path)
  if (!id) return () => undefined
  const slot = slotOf(id)
  Atomics.add(counts, slot, 1)
  let isOver = false
  return () => {
    if (isOver) return
    isOver = true
    Atomics.sub(counts, slot, 1)
  }
}

/** How many times stores of this process have the file open. */
export function openCount(path: string): number {
  const id = idOf(path)
  return id ? Atomics.load(counts, slotOf(id)) : 0
}

/** True for a database that this process has open, and for the files SQLite keeps beside it. */
export function isOpenDatabase(path: string): boolean {
  const suffix = SIDE_FILES.find((each) => path.endsWith(each))
  const names = suffix === undefined ? [path] : [path, path.slice(0, -suffix.length)]
  // Two files may share a slot, so descriptors are counted as well, if the system lists them.
  return names.some((name) => openCount(name) > 0 && (descriptorsOf(name) ?? 1) > 0)
}

/**
 * The number of descriptors this process has for the file, whoever opened them; undefined if the
 * system does not say.
 */
export function descriptorsOf(path: string): number | undefined {
  const id = idOf(path)
  if (!id) return 0
  try {
    return readdirSync('/proc/self/fd').filter((name) => {
      const each = statSync(`/proc/self/fd/${name}`, { throwIfNoEntry: false })
      return each?.ino === id.ino && each.dev === id.dev
    }).length
  } catch {
    return undefined
  }
}
