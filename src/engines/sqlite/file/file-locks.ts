// Whether any program has a database file open. SQLite holds a shared lock on a file with a
// write-ahead log for as long as it has it open, and Linux lists the locks of all processes.

import { type BigIntStats, readFileSync } from 'node:fs'

/** What identifies a file, whatever its name. */
export type FileId = Pick<BigIntStats, 'dev' | 'ino'>

/**
 * True if some process has locked the file; undefined if the system does not say.
 * @param known is locked by this process: a system that does not list it cannot be relied on
 */
export function isLocked(file: FileId, known: FileId): boolean | undefined {
  try {
    const list = readFileSync('/proc/locks', 'utf8')
    return list.includes(listed(known)) ? list.includes(listed(file)) : undefined
  } catch {
    return undefined
  }
}

/** How /proc/locks identifies a file: the device's numbers in hexadecimal, the inode in decimal. */
function listed({ dev, ino }: FileId): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn)
  const hex = (number: bigint) => number.toString(16).padStart(2, '0')
  return ` ${hex(major)}:${hex(minor)}:${ino} `
}
