// `npm run check`: runs every check:* script of package.json in order, one line each, and at the
// end shows the output of the failed ones.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}
const steps = Object.entries(manifest.scripts).filter(([name]) => name.startsWith('check:'))
const width = Math.max(...steps.map(([name]) => name.length))
const env = {
  ...process.env,
  PATH: join(root, 'node_modules', '.bin') + delimiter + (process.env.PATH ?? ''),
}

const failures: { readonly name: string; readonly output: string }[] = []
for (const [name, command] of steps) {
  const startedAt = performance.now()
  const { status, stdout, stderr } = spawnSync(command, { cwd: root, shell: true, env, encoding: 'utf8' })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${name.padEnd(width)}  ${status === 0 ? 'ok  ' : 'FAIL'}  ${seconds.padStart(5)} s`)
  if (status !== 0) failures.push({ name, output: `${stdout}${stderr}`.trim() })
}
for (const { name, output } of failures) {
  console.log(`\n── ${name} failed (npm run ${name}) ──\n${output}`)
}
process.exitCode = failures.length > 0 ? 1 : 0
