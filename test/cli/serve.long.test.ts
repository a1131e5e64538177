// `purser serve` as a process: beyond this machine with tokens, by HTTPS, with tenants, and its end.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { get as getSecurely } from 'node:https'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { hasOpenssl, makeAuthority } from '../support/certificates.ts'
import { environment, program, workspace } from '../support/cli/purser.ts'

async function start(folder: string, words: readonly string[]) {
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--json', ...words], {
    cwd: folder,
    env: environment(),
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { url, signIn } = JSON.parse(line) as { readonly url: string; readonly signIn: string | null }
  return { child, url, signIn }
}

test('tokens at any address, tenants on demand, and no sign-in', async () => {
  const { done, folder } = workspace()
  await done(['migrate', '--quiet'])
  await done(['tenants', 'create', 'acme', '--quiet'])
  const token = async (...words: string[]) => {
    const { stdout } = await done(['tokens', 'create', '--role', 'operator', '--quiet', ...words])
    return { authorization: `Bearer ${stdout.trim()}` }
  }
  const any = await token('--name', 'any')
  const acme = await token('--name', 'acme', '--tenant', 'acme')
  const { child, url, signIn } = await start(folder, ['--host', '0.0.0.0'])
  expect(signIn).toBeNull()
  const at = url.replace('0.0.0.0', '127.0.0.1')
  const get = async (path: string, headers: Readonly<Record<string, string>>) => {
    const answer = await fetch(`${at}${path}`, { headers })
    return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> }
  }
  expect((await get('/v1/me', {})).status).toBe(401)
  expect((await get('/metrics', {})).status).toBe(401)
  expect((await get('/v1/tenants', any)).body).toEqual({ items: [{ name: 'acme' }] })
  expect((await get('/v1/t/acme/tasks/count', any)).body).toEqual({ count: 0 })
  expect((await get('/v1/t/umbra/tasks/count', any)).status).toBe(404)
  expect((await get('/v1/me', acme)).body).toMatchObject({ tenant: 'acme', actor: 'acme' })
  await done(['tokens', 'revoke', 'any', '--quiet'])
  expect((await get('/v1/me', any)).status).toBe(401)
  child.kill('SIGTERM')
  expect((await once(child, 'exit'))[0]).toBe(0)
})

test('SIGTERM ends 100 streams with a time to come back, and the process soon after', async () => {
  const { done, folder } = workspace()
  await done(['migrate', '--quiet'])
  const { child, url, signIn } = await start(folder, [])
  const errors: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text) => errors.push(text))
  // Every program of this machine may read the metrics.
  expect((await fetch(`${url}/metrics`)).status).toBe(200)
  const signed = await fetch(signIn ?? '', { redirect: 'manual' })
  const cookie = signed.headers.get('set-cookie')?.split(';')[0] ?? ''
  const open = () => fetch(`${url}/v1/changes`, { headers: { cookie, accept: 'text/event-stream' } })
  const answers = await Promise.all(Array.from({ length: 100 }, open))
  const texts = answers.map((answer) => answer.text())
  const began = Date.now()
  child.kill('SIGTERM')
  const ended = once(child, 'exit')
  // A stream that is over, and no connection that broke: that would be an error.
  for (const text of await Promise.all(texts)) expect(text).toMatch(/\nretry: \d{4}\n\n$/)
  expect((await ended)[0]).toBe(0)
  expect(Date.now() - began).toBeLessThan(5000)
  expect(errors).toEqual([])
})

test.skipIf(!hasOpenssl)('serves by HTTPS, with a cookie that HTTP never sends', async () => {
  const { done, folder, path } = workspace()
  await done(['migrate', '--quiet'])
  const authority = makeAuthority(folder)
  const { cert, key } = authority.sign('server', 'localhost')
  const { url, signIn } = await start(folder, ['--tls-cert', cert, '--tls-key', key])
  expect(url).toMatch(/^https:/)
  const named = (signIn ?? '').replace('127.0.0.1', 'localhost')
  const [answer] = await once(getSecurely(named, { ca: readFileSync(path('authority.crt')) }), 'response')
  answer.resume()
  expect(answer.statusCode).toBe(303)
  expect(answer.headers['set-cookie'][0]).toMatch(/^purser-\d+=.*; Secure$/)
})
