// A process in which the command line runs again and again, started once for a test file: a start
// costs a third of a second, a command some milliseconds. Each run has a folder, an environment and
// streams of its own, as a process has. Signals, terminals, pipes that close and everything else
// that is about the process itself needs a real one (purser.ts).

import { type ChildProcess, fork } from 'node:child_process'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

interface Request {
  readonly folder: string
  readonly words: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly input: string
}

interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

let child: ChildProcess | undefined
let last: Promise<unknown> = Promise.resolve()

/** Runs one command after the other, in the order of the calls. */
export function runWarm(request: Request, env: NodeJS.ProcessEnv): Promise<Answer> {
  const run = last.then(() => ask(request, env))
  last = run.catch(() => undefined)
  return run
}

function ask(request: Request, env: NodeJS.ProcessEnv): Promise<Answer> {
  child ??= fork(fileURLToPath(import.meta.url), [], { serialization: 'advanced', env, stdio: 'pipe' })
  const asked = child
  return new Promise((resolve, reject) => {
    // What Node itself says, past the streams of the run.
    let said = ''
    const hear = (text: Buffer) => {
      said += String(text)
    }
    const leave = () => {
      asked.stderr?.off('data', hear)
      asked.off('message', answer)
      asked.off('exit', gone)
    }
    const answer = (message: Answer) => {
      leave()
      resolve({ ...message, stderr: message.stderr + said })
    }
    const gone = (code: number | null) => {
      leave()
      child = undefined
      reject(new Error(`purser ${request.words.join(' ')} ended the process with ${code}: ${said}`))
    }
    asked.stderr?.on('data', hear)
    asked.on('message', answer)
    asked.on('exit', gone)
    asked.send(request)
  })
}

/** Collects what is written; the reader always keeps up. */
function collect(stream: NodeJS.WriteStream): () => string {
  const pieces: string[] = []
  stream.write = ((piece: string | Uint8Array, ...more: unknown[]) => {
    pieces.push(typeof piece === 'string' ? piece : Buffer.from(piece).toString())
    const done = more.at(-1)
    if (typeof done === 'function') process.nextTick(done as () => void)
    return true
  }) as typeof stream.write
  return () => pieces.join('')
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.send) {
  const { main } = await import('../../../src/cli/run/main.ts')
  process.on('message', async ({ folder, words, env, input }: Request) => {
    process.chdir(folder)
    for (const name of Object.keys(process.env)) delete process.env[name]
    Object.assign(process.env, env)
    Object.defineProperty(process, 'stdin', {
      value: Readable.from([Buffer.from(input)]),
      configurable: true,
    })
    process.exitCode = undefined
    const [stdout, stderr] = [collect(process.stdout), collect(process.stderr)]
    await main(words)
    process.send?.({ code: Number(process.exitCode ?? 0), stdout: stdout(), stderr: stderr() })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal)
    for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error')
  })
  process.on('disconnect', () => process.exit())
}
