// Performs a conformance job in a new process: the parent's half starts this file again, the
// child's half opens a store, does the job, and prints one line of JSON for its start and one for
// its answer.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { JobRequest } from '../../../src/conformance/index.ts'
import { compileCache } from '../compile-cache.ts'

interface ProcessRequest {
  readonly url: string
  readonly job: JobRequest
}

export async function performInProcess(request: ProcessRequest, started?: () => void): Promise<unknown> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(request)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  })
  let complaint = ''
  child.stderr.on('data', (chunk) => {
    complaint += String(chunk)
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve)
    child.once('error', reject)
  })
  let answer: { readonly answer: unknown } | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { started?: true; answer?: unknown }
    if (said.started) started?.()
    else answer = { answer: said.answer }
  }
  const code = await ended
  if (code !== 0 || !answer) throw new Error(`the process ended with ${code}: ${complaint}`)
  return answer.answer
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url, job } = JSON.parse(process.argv[2] ?? '') as ProcessRequest
  const { openStore } = await import('../../../src/index.ts')
  // Without the cases, which are many modules.
  const { performJob } = await import('../../../src/conformance/support/process-job.ts')
  await using store = await openStore(url)
  const started = () => console.log('{"started":true}')
  const answer = await performJob(store, job, started)
  console.log(JSON.stringify({ answer }))
}
