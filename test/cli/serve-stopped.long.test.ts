// `purser serve` as a process: a SIGTERM ends 100 open streams with the time after which to come
// back, lets a request finish, and ends the process with 0.

import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { environment, program } from '../support/cli/purser.ts'
import { scratchFile } from '../support/scratch.ts'

const STREAMS = 100

test('SIGTERM ends streams and the process', async () => {
  const url = `sqlite:${scratchFile()}`
  await (await openStore(url)).close()
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--json', '--url', url], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const errors: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text) => errors.push(text))
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve))
  const printed = await new Promise<string>((resolve) =>
    child.stdout.setEncoding('utf8').once('data', resolve),
  )
  const { url: base, signIn } = JSON.parse(printed) as { readonly url: string; readonly signIn: string }
  // Every program of this machine may read the metrics.
  expect((await fetch(`${base}/metrics`)).status).toBe(200)
  const signedIn = await fetch(signIn, { redirect: 'manual' })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const port = Number(new URL(base).port)
  const texts = new Array<string>(STREAMS).fill('')
  const ended = Array.from({ length: STREAMS }, (_, index) => {
    const socket = connect(port, '127.0.0.1')
    socket.setEncoding('utf8').on('data', (piece) => {
      texts[index] = `${texts[index]}${piece}`
    })
    socket.write(
      `GET /v1/changes HTTP/1.1\r\nhost: localhost:${port}\r\ncookie: ${cookie}\r\naccept: text/event-stream\r\n\r\n`,
    )
    return new Promise<void>((resolve) => socket.on('close', () => resolve()))
  })
  await expect.poll(() => texts.filter((text) => text.includes('event: ready')).length).toBe(STREAMS)
  const started = performance.now()
  child.kill('SIGTERM')
  await Promise.all(ended)
  expect(await exited).toBe(0)
  expect(performance.now() - started).toBeLessThan(10_000)
  // The end of a chunked answer: a stream that is over, and no connection that broke.
  for (const text of texts) {
    expect(text).toContain('retry: 1000\n')
    expect(text.endsWith('0\r\n\r\n')).toBe(true)
  }
  expect(errors).toEqual([])
})
