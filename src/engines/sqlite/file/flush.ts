// Waits until a file, or the names in a folder, are on disk.

import { closeSync, fsyncSync, openSync } from 'node:fs'

export function flushToDisk(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
