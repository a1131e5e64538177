// Runs the command line in the process of the test, where its modules are loaded already: starting a
// process costs half a second of processor time, most commands some milliseconds. Each run has the
// folder, environment and streams that a process would have, and everything is put back after it.
// Signals, terminals, pipes that close, what a process loads and whether it ends need a real one
// (`fresh` in purser.ts, the sessions of the documentation).

import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'

interface Request {
  readonly folder: string
  readonly words: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly input: string | Uint8Array
}

interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

let last: Promise<unknown> = Promise.resolve()

/** Runs one command after the other, in the order of the calls. */
export function runInProcess(request: Request): Promise<Answer> {
  const run = last.then(() => runAlone(request))
  last = run.catch(() => undefined)
  return run
}

async function runAlone({ folder, words, env, input }: Request): Promise<Answer> {
  const { main } = await import('../../../src/cli/run/main.ts')
  using surroundings = new DisposableStack()
  const { exitCode } = process
  const cwd = process.cwd()
  surroundings.defer(() => {
    process.exitCode = exitCode
    process.chdir(cwd)
    // Those of V8: imports and exports ask for a small heap, as fits a process of their own.
    setFlagsFromString('--semi-space-growth-factor=2')
    setFlagsFromString('--heap-growing-percent=0')
  })
  process.chdir(folder)
  process.exitCode = undefined
  surroundings.defer(replaceEnvironment(env))
  surroundings.defer(replaceInput(input))
  const stdout = collect(process.stdout)
  surroundings.use(stdout)
  const stderr = collect(process.stderr)
  surroundings.use(stderr)
  const warn = (warning: Error) => process.stderr.write(`(node) ${warning.name}: ${warning.message}\n`)
  surroundings.defer(withoutNewListeners(process, ['SIGINT', 'SIGTERM', 'SIGHUP', 'warning']))
  for (const stream of [process.stdout, process.stderr])
    surroundings.defer(withoutNewListeners(stream, ['error']))
  process.on('warning', warn)
  surroundings.defer(ignoreExit())
  await main(words)
  // What was left for the next turn, as an end of the process, belongs to this run.
  await new Promise((resolve) => setImmediate(resolve))
  return { code: Number(process.exitCode ?? 0), stdout: stdout.text(), stderr: stderr.text() }
}

/** @returns what puts the environment back */
function replaceEnvironment(env: NodeJS.ProcessEnv): () => void {
  const before = { ...process.env }
  const become = (wanted: NodeJS.ProcessEnv) => {
    for (const name of Object.keys(process.env)) if (wanted[name] === undefined) delete process.env[name]
    for (const [name, value] of Object.entries(wanted))
      if (process.env[name] !== value) process.env[name] = value
  }
  become(env)
  return () => become(before)
}

/** @returns what puts standard input back */
function replaceInput(input: string | Uint8Array): () => void {
  const own = Object.getOwnPropertyDescriptor(process, 'stdin')
  const value = Readable.from([Buffer.from(input)])
  Object.defineProperty(process, 'stdin', { value, configurable: true })
  return () => {
    if (own) Object.defineProperty(process, 'stdin', own)
  }
}

/** The run ends where `main` does. @returns what lets the process be ended again */
function ignoreExit(): () => void {
  const { exit } = process
  process.exit = ((code?: number) => {
    if (code !== undefined) process.exitCode = code
  }) as typeof process.exit
  return () => {
    process.exit = exit
  }
}

/** Collects what is written until it is disposed; the reader always keeps up. */
function collect(stream: NodeJS.WriteStream): Disposable & { text(): string } {
  const pieces: string[] = []
  const write = Object.getOwnPropertyDescriptor(stream, 'write')
  stream.write = ((piece: string | Uint8Array, ...more: unknown[]) => {
    pieces.push(typeof piece === 'string' ? piece : Buffer.from(piece).toString())
    const done = more.at(-1)
    if (typeof done === 'function') process.nextTick(done as () => void)
    return true
  }) as typeof stream.write
  return {
    text: () => pieces.join(''),
    [Symbol.dispose]: () => {
      if (write) Object.defineProperty(stream, 'write', write)
      else Reflect.deleteProperty(stream, 'write')
    },
  }
}

/** @returns what removes the listeners that were added meanwhile */
function withoutNewListeners(emitter: NodeJS.EventEmitter, names: readonly string[]): () => void {
  const before = names.map((name) => [name, new Set(emitter.listeners(name))] as const)
  return () => {
    for (const [name, known] of before)
      for (const listener of emitter.listeners(name))
        if (!known.has(listener)) emitter.off(name, listener as (...args: unknown[]) => void)
  }
}
