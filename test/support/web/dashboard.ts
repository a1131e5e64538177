// A dashboard for a test: a store with the demo's records, or what the test puts in, a server for
// it, and a browser that is signed in. It notes what the page should not do: errors, refused
// requests, requests to other machines.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer as createRelay, type Socket } from 'node:net'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { recordDemo } from '../../../src/cli/commands/demo/record.ts'
import { openStore, type Store } from '../../../src/index.ts'
import { createServer, type PurserServer } from '../../../src/server/index.ts'
import { type Listening, listen } from '../../../src/server/listen.ts'
import { scratchFile } from '../scratch.ts'
import { theBrowser } from './chromium.ts'
import { builtPages } from './pages.ts'

const HOST = '127.0.0.1'

export interface Dashboard {
  readonly store: Store
  readonly url: string
  readonly context: BrowserContext
  /** Signed in, at the overview. */
  readonly page: Page
  /** What no page should do, as text. */
  readonly faults: string[]
  /** Opens a page of the dashboard and waits until what it reads is there. */
  open(path: string): Promise<void>
  /** Another sign-in, as the server would print it. */
  signIn(): string
  /** Ends every connection and refuses new ones, as when the network goes away. */
  cut(): void
  /** Lets connections through again. */
  mend(): Promise<void>
}

interface DashboardOptions {
  readonly browser?: BrowserContextOptions
  /** What is recorded; the demo if omitted. */
  readonly fill?: (store: Store) => Promise<unknown>
}

export async function openDashboard({
  browser,
  fill = recordDemo,
}: DashboardOptions = {}): Promise<Dashboard> {
  const url = `sqlite:${scratchFile()}`
  const store = await openStore(url)
  await fill(store)
  const server: PurserServer = createServer({
    store,
    hosts: [],
    signIn: { actor: 'ada' },
    web: await builtPages(),
    rate: { perSecond: 500, burst: 2000 },
  })
  const listening = await listen(server, { host: HOST, port: 0 })
  const line = await connectionTo(listening)
  const base = `http://${HOST}:${line.port}`
  const context = await (await theBrowser()).newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    viewport: { width: 1280, height: 800 },
    baseURL: base,
    ...browser,
  })
  onTestFinished(async () => {
    await context.close()
    line.cut()
    await listening.stop()
    await store.close()
  })
  const page = await context.newPage()
  const faults = watch(page, base)
  await page.goto(server.signInPath() ?? '')
  return {
    store,
    url,
    context,
    page,
    faults,
    open: async (path) => {
      await page.goto(path)
      await settled(page)
    },
    signIn: () => `${base}${server.signInPath()}`,
    cut: line.cut,
    mend: line.mend,
  }
}

/** What the browser connects to instead of the server, so that the connection can be lost. */
async function connectionTo({ port: target }: Listening) {
  const open = new Set<Socket>()
  const relay = createRelay((incoming) => {
    const outgoing = connect(target, HOST)
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      open.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
  })
  const listenAt = async (at: number): Promise<void> => {
    relay.listen(at, HOST)
    await once(relay, 'listening')
  }
  await listenAt(0)
  const { port } = relay.address() as AddressInfo
  return {
    port,
    cut: (): void => {
      relay.close()
      for (const socket of open) socket.destroy()
    },
    mend: (): Promise<void> => listenAt(port),
  }
}

/** Waits until nothing is loading any more and the page is live. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor()
  await page.locator('.live[data-state="live"]').waitFor()
  await page.waitForFunction(() => document.querySelector('main .waiting') === null)
}

function watch(page: Page, base: string): string[] {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`error in the page: ${error.stack}`))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`error in the console: ${message.text()}`)
  })
  page.on('request', (request) => {
    const address = request.url()
    if (!address.startsWith(base) && !/^(data|blob):/.test(address))
      faults.push(`request elsewhere: ${address}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} for ${response.url()}`)
  })
  return faults
}
