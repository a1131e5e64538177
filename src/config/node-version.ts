// Refuses a Node.js that is too old, on import and before a driver is loaded: the compiled part of
// the SQLite driver (Node-API 10) crashes the process with a segmentation fault on 22.13 and older.
// The entry point imports this file first, so it may use no syntax newer than that.

const NEEDED = [22, 14] as const

function assertNodeVersion(found: string, path: string): void {
  const [major = 0, minor = 0] = found.split('.').map(Number)
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return
  throw new Error(`purser needs Node.js ${NEEDED.join('.')} or newer; this is ${found} (${path})`)
}

assertNodeVersion(process.versions.node, process.execPath)
