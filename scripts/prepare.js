// Runs after `npm ci` and `npm install` in a checkout, and when purser is installed from git:
// builds dist and makes `npx purser` work. It is npm's script `dependencies`, which runs only for
// the root of an install: a script `prepare` would also be in the published package, and npm warns
// about it. Plain JavaScript that an older Node can run. A failing build fails the install,
// visibly; an install without TypeScript (--omit=dev) skips the build.
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** npm links the commands of dependencies into node_modules/.bin, but not the package's own. */
function linkCommand() {
  const modules = join(root, 'node_modules')
  if (!existsSync(modules)) return
  const bin = join(modules, '.bin')
  mkdirSync(bin, { recursive: true })
  if (process.platform === 'win32') {
    writeFileSync(join(bin, 'purser.cmd'), '@node "%~dp0\\..\\..\\bin\\purser.js" %*\r\n')
    return
  }
  rmSync(join(bin, 'purser'), { force: true })
  symlinkSync('../../bin/purser.js', join(bin, 'purser'))
}

function hasTypeScript() {
  try {
    createRequire(import.meta.url).resolve('typescript/package.json')
    return true
  } catch {
    return false
  }
}

try {
  linkCommand()
} catch (error) {
  process.stderr.write(`\`npx purser\` will not work here: ${error.message}\n`)
}
if (hasTypeScript()) await import('./build.js')
