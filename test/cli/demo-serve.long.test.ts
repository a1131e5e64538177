// `purser demo --serve`: prints a URL that signs a browser in once, and serves the demo's records
// until it is interrupted.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { environment, program, workspace } from '../support/cli/purser.ts'

async function start(words: readonly string[]) {
  const { folder } = workspace()
  const child = spawn(process.execPath, [program, 'demo', '--serve', '--port', '0', ...words], {
    cwd: folder,
    env: environment(),
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  const found = new Promise<string>((resolve) => {
    reader.on('line', (line) => {
      lines.push(line)
      const [url] = /http:\/\/127\.0\.0\.1:\d+\/sign-in\?code=[\w-]+/.exec(line) ?? []
      if (url !== undefined) resolve(url)
    })
  })
  return { child, lines, signIn: await found }
}

test('shows the story, then serves it, and a sign-in works once', async () => {
  const { child, lines, signIn } = await start([])
  expect(lines.join('\n')).toContain('Recorded just now: 9 plans')
  const answer = await fetch(signIn, { redirect: 'manual' })
  expect(answer.status).toBe(303)
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  const counted = await fetch(new URL('/v1/plans/count', signIn), { headers: { cookie } })
  expect(await counted.json()).toEqual({ count: 9 })
  expect((await fetch(signIn, { redirect: 'manual' })).status).toBe(401)
  child.kill('SIGINT')
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
})

test('with --json prints the URLs alone', async () => {
  const { lines, signIn } = await start(['--json'])
  const [line = ''] = lines
  expect(JSON.parse(line)).toEqual({ url: new URL(signIn).origin, signIn })
})
