// The files that SQLite keeps beside a database while it is in use. It finds them by their names
// alone, so nothing else may have such a name: SQLite would read it as part of the database, or
// delete it.

export const SIDE_FILES = ['-wal', '-shm', '-journal'] as const

/**
 * Why no database, backup or export may have this name, and what to do; undefined for any other
 * name. Some file systems ignore case.
 */
export function sideNameProblem(path: string): string | undefined {
  const suffix = SIDE_FILES.find((each) => path.toLowerCase().endsWith(each))
  if (suffix === undefined) return undefined
  const database = path.slice(0, -suffix.length)
  return `${path} is the name of a file that SQLite keeps beside the database ${database}: the next program that opens ${database} would read or delete it. Choose a name that does not end in ${suffix}`
}
