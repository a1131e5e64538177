// Waits until a file, or the entries of a folder, are on disk.

import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Waits until the file, or the entries of a folder, are on disk. */
export function flushToDisk(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
