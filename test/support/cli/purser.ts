// Runs the real command line in a folder of its own, with an environment in which nothing of the
// machine's shows: no database, no terminal, no colours. It runs in the process of the test
// (in-process.ts) unless a test asks for a process of its own.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { compileCache } from '../compile-cache.ts'
import { runInProcess } from './in-process.ts'

export const program = fileURLToPath(new URL('../../../bin/purser.js', import.meta.url))

export interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Standard output as the envelope that --json prints. */
  json<Data = unknown>(): Envelope<Data>
}

export interface Envelope<Data = unknown> {
  readonly command: string
  readonly status: 'ok' | 'warn' | 'error'
  readonly exitCode: number
  readonly data: Data
  readonly timing: { readonly startedAt: string; readonly durationMs: number }
  readonly messages: readonly { readonly level: string; readonly text: string; readonly code?: string }[]
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>
  /** What stands on standard input. */
  readonly input?: string | Uint8Array
  /** In a process of its own, as people start it. */
  readonly fresh?: boolean
}

const hidden =
  /^(PURSER_|NO_COLOR$|FORCE_COLOR$|COLUMNS$|TERM$|CI$|npm_|NODE_OPTIONS$|NODE_V8_COVERAGE$|VITEST)/i

export function environment(more: Options['env'] = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !hidden.test(name))
  return { ...Object.fromEntries(inherited), NODE_COMPILE_CACHE: compileCache, ...more }
}

/**
 * A folder in which the command line runs: the one that is given, or one of its own, gone when the
 * test has finished.
 */
export function workspace(given?: string) {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'purser-cli-'))
  if (given === undefined) onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return {
    folder,
    path: (name: string) => join(folder, name),
    /** Runs `purser` with these words. */
    purser: (words: readonly string[], options: Options = {}) => run(folder, words, options),
    /** Runs it and expects it to succeed. */
    done: async (words: readonly string[], options: Options = {}) => {
      const result = await run(folder, words, options)
      if (result.code === 0) return result
      throw new Error(`purser ${words.join(' ')} ended with ${result.code}: ${result.stderr}${result.stdout}`)
    },
  }
}

async function run(folder: string, words: readonly string[], options: Options): Promise<Result> {
  if (options.fresh) return runProcess(folder, words, options)
  const { env, input = '' } = options
  const answer = await runInProcess({ folder, words, env: environment(env), input })
  return { ...answer, json: () => parse(answer.stdout) }
}

function runProcess(folder: string, words: readonly string[], { env, input }: Options): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words], { cwd: folder, env: environment(env) })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr, json: () => parse(stdout) }))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
  })
}

function parse<Data>(stdout: string): Envelope<Data> {
  const document = JSON.parse(stdout) as Envelope<Data>
  const keys = Object.keys(document).join()
  if (keys !== 'command,status,exitCode,data,timing,messages') throw new Error(`not an envelope: ${keys}`)
  return document
}

/** What a command said besides its progress, which it shows when it takes longer than a second. */
export function withoutProgress(stderr: string): string {
  return stderr.replaceAll(/^ *\d+\.\d % {2}.*\n/gm, '')
}

/** The words with another value of a flag that they may have already. */
export function replacing(words: readonly string[], flag: string, value: string): readonly string[] {
  const at = words.indexOf(flag)
  return at < 0 ? [...words, flag, value] : words.with(at + 1, value)
}
