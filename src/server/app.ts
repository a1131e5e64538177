// All routes of a server in one application of Hono, and what happens to every request on its way:
// headers, host, who it is from, how often, whether it may.

import { type Context, Hono } from 'hono'
import type { Store } from '../store/store.ts'
import { once } from '../values/once.ts'
import { addressOf, type RequestSource, senderOf } from './access/address.ts'
import { authenticate, cookieIn, cookieName } from './access/authenticate.ts'
import { hostGuard, refuseOtherOrigins } from './access/guard-host.ts'
import { assertRole, type FindToken, type Principal } from './access/principal.ts'
import { RateLimit } from './access/rate-limit.ts'
import { roleFor, storeRoles } from './access/roles.ts'
import { COOKIE_SECONDS, type SignIn } from './access/sign-in.ts'
import { releasedAfter, type TenantStores } from './access/tenant-stores.ts'
import { jsonOf } from './answers/json.ts'
import { ERRORS_PAGE, problemResponse } from './answers/problem.ts'
import { invalidRequest, RequestError } from './answers/request-error.ts'
import { apiPage } from './docs/api-page.ts'
import { errorsPage } from './docs/errors-page.ts'
import { asksForPage, notBuiltPage } from './docs/not-built.ts'
import { docsStyle, STYLE_PATH } from './docs/page.ts'
import type { EventStreams } from './feed/event-stream.ts'
import { routeOf } from './metrics/route-of.ts'
import type { ServerMetrics } from './metrics/server-metrics.ts'
import { openApiDocument } from './openapi/document.ts'
import { DEFAULT_BODY_BYTES, DEFAULT_RATE, type ServerOptions } from './options.ts'
import type { ReadinessCheck } from './readiness.ts'
import { type Query, readQuery } from './requests/query.ts'
import { readBody } from './requests/read-body.ts'
import { type RecordRoute, recordRoutes } from './routes/record-routes.ts'
import { serveRecord } from './serve-record.ts'
import { StaticFiles } from './static-files.ts'
import { refuseUnknownKeys, type StoreRoute, storeRoutes } from './store-routes.ts'

/** What a server has besides its options. */
export interface ServerParts {
  readonly options: ServerOptions
  readonly streams: EventStreams
  readonly metrics: ServerMetrics
  readonly readiness: ReadinessCheck
  readonly signIn: SignIn | undefined
  readonly findToken: FindToken
  readonly tenants: TenantStores
  readonly onSignIn: () => void
}

interface Vars {
  Bindings: RequestSource
  Variables: { principal: Principal; store: Store; tenant: string | null; base: string }
}

type Ctx = Context<Vars>

/** Of the body with a token. */
const MOST_TOKEN_BYTES = 4096

const security: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

export function createApp(parts: ServerParts): Hono<Vars> {
  const { options } = parts
  const app = new Hono<Vars>({ strict: true })
  const guard = hostGuard(options.hosts, options.trustProxy)
  const files = new StaticFiles(options.web)
  const onFault = options.onFault ?? (() => undefined)
  const problem = (error: unknown) => problemResponse(error, onFault)
  const { metrics } = parts
  const rate = options.rate ?? DEFAULT_RATE
  const strangers = new RateLimit(rate, 'from this address without a sign-in')
  metrics.watch(options.store)

  app.use(async (c, next) => {
    const ended = metrics.began()
    await next()
    ended(c.req.method, routeOf(c), c.res.status)
  })
  app.use(async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(security)) c.res.headers.set(name, value)
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
  })
  // What looks after servers asks by their addresses, and learns nothing that a page could use.
  app.get('/healthz', (c) => c.json({ ok: true }))
  app.get('/readyz', async () => ready(parts.readiness))
  app.use(async (c, next) => {
    guard(c.req.raw)
    await next()
  })
  // Files, pages for everyone, sign-ins; below `/v1` only those count who are not known.
  app.use(async (c, next) => {
    if (!c.req.path.startsWith('/v1/')) strangers.take(senderOf(c.req.raw, c.env, options.trustProxy))
    await next()
  })
  app.get('/metrics', (c) => metricsFor(c.req.raw, parts))
  docs(app)
  app.get('/sign-in', (c) => signInByCode(c, parts))
  app.post('/sign-in', (c) => signInByToken(c, parts))
  api(app, parts, strangers)
  app.get('*', (c) => {
    const { pathname } = new URL(c.req.url)
    const file = files.find(pathname, c.req.raw.headers)
    if (file) return file
    const isNotBuilt = options.web !== undefined && files.isEmpty
    if (isNotBuilt && asksForPage(pathname, c.req.raw.headers)) return notBuiltPage()
    throw routeNotFound()
  })
  app.notFound(() => problem(routeNotFound()))
  app.onError((error) => problem(error))
  return app
}

/** The document of the API, and pages of it and of errors: for everyone, as they hold no data. */
function docs(app: Hono<Vars>): void {
  const document = once(openApiDocument)
  const text = once(() => JSON.stringify(document()))
  const page = (render: () => string) => {
    const rendered = once(render)
    return () => new Response(rendered(), { headers: { 'content-type': 'text/html; charset=utf-8' } })
  }
  app.get('/openapi.json', () => new Response(text(), { headers: { 'content-type': 'application/json' } }))
  app.get(
    '/docs',
    page(() => apiPage(document())),
  )
  app.get(ERRORS_PAGE, page(errorsPage))
  app.get(
    STYLE_PATH,
    () => new Response(docsStyle, { headers: { 'content-type': 'text/css; charset=utf-8' } }),
  )
}

/** @param strangers the limit of those who are not known */
function api(app: Hono<Vars>, parts: ServerParts, strangers: RateLimit): void {
  const { options } = parts
  const limit = new RateLimit(options.rate ?? DEFAULT_RATE)
  app.use('/v1/*', async (c, next) => {
    refuseOtherOrigins(c.req.raw, options.trustProxy)
    const principal = await authenticate(c.req.raw, options, parts.signIn, parts.findToken).catch((error) => {
      strangers.take(senderOf(c.req.raw, c.env, options.trustProxy))
      throw error
    })
    limit.take(principal.key)
    c.set('principal', principal)
    const [, tenant] = /^\/v1\/t\/([^/]+)/.exec(new URL(c.req.url).pathname) ?? []
    const wanted = tenant ?? principal.tenant
    if (principal.tenant !== null && wanted !== principal.tenant) {
      throw new RequestError('FORBIDDEN', `this token is for the tenant ${principal.tenant} only`)
    }
    const lease = wanted === null ? undefined : await parts.tenants.use(wanted)
    const store = lease?.store ?? options.store
    parts.metrics.watch(store)
    c.set('store', store)
    c.set('tenant', wanted)
    c.set('base', tenant === undefined ? '/v1' : `/v1/t/${tenant}`)
    await next()
    if (lease) c.res = releasedAfter(c.res, lease.release)
  })
  app.post('/v1/sign-out', (c) => {
    const cookie = cookieIn(c.req.raw, options.trustProxy)
    if (cookie !== undefined) parts.signIn?.end(cookie)
    c.header(
      'set-cookie',
      `${cookieName(c.req.raw, options.trustProxy)}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`,
    )
    return c.body(null, 204)
  })
  const methods = new Map<string, Set<string>>()
  const add = (method: string, path: string, serve: (c: Ctx) => Promise<Response>) => {
    const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1')
    for (const prefix of ['/v1', '/v1/t/:tenant']) {
      app.on(method, `${prefix}${pattern}`, serve)
      const known = methods.get(`${prefix}${pattern}`) ?? new Set()
      methods.set(`${prefix}${pattern}`, known.add(method))
    }
  }
  for (const route of storeRoutes) add(route.method, route.path, (c) => serveStore(c, route, parts))
  for (const route of recordRoutes) add(route.method, route.path, (c) => serveVerb(c, route, options))
  for (const [pattern, known] of methods) {
    app.all(pattern, () => {
      const allow = [...known].join(', ')
      throw new RequestError('METHOD_NOT_ALLOWED', `this path has the methods ${allow}`, {
        headers: { allow },
      })
    })
  }
  app.all('/v1/*', () => {
    throw routeNotFound()
  })
}

async function serveVerb(c: Ctx, route: RecordRoute, options: ServerOptions): Promise<Response> {
  const principal = c.get('principal')
  assertRole(principal, roleFor(route))
  if (route.resource === 'tokens' && c.get('tenant') !== null) {
    throw new RequestError(
      'FORBIDDEN',
      'tokens are in the main database: ask at /v1/tokens, with a token for all tenants',
    )
  }
  const { query, body, headers, signal } = await given(c, options)
  const id = route.hasId ? c.req.param('id') : undefined
  return serveRecord(c.get('store'), principal, route, { id, query, body, headers, signal }, c.get('base'))
}

async function serveStore(c: Ctx, route: StoreRoute, { options, streams }: ServerParts): Promise<Response> {
  const principal = c.get('principal')
  assertRole(principal, storeRoles[route.verb])
  const { query, body, headers } = await given(c, options)
  refuseUnknownKeys(route, query)
  const { tenant } = principal
  const tenants = tenant === null ? (options.tenants ?? (async () => [])) : async () => [tenant]
  const result = await route.serve({
    store: c.get('store'),
    principal,
    query,
    body,
    headers,
    streams,
    tenants,
  })
  if (result instanceof Response) return result
  return new Response(jsonOf(result), { headers: { 'content-type': 'application/json' } })
}

async function given(c: Ctx, { maxBodyBytes = DEFAULT_BODY_BYTES }: ServerOptions) {
  const { raw } = c.req
  const query: Query = readQuery(new URL(raw.url))
  return { query, body: await readBody(raw, maxBodyBytes), headers: raw.headers, signal: raw.signal }
}

/** A code that works once becomes a cookie that scripts cannot read. */
function signInByCode(c: Ctx, { signIn, onSignIn, options }: ServerParts): Response {
  const cookie = signIn?.exchange(c.req.query('code') ?? '')
  if (cookie === undefined) {
    throw new RequestError(
      'UNAUTHENTICATED',
      'this sign-in was used already, is older than an hour, or was never one; purser serve prints another',
    )
  }
  onSignIn()
  setCookie(c, cookie, options)
  return c.redirect('/', 303)
}

/** So does a token, by a page of this server. */
async function signInByToken(c: Ctx, { signIn, options }: ServerParts): Promise<Response> {
  refuseOtherOrigins(c.req.raw, options.trustProxy)
  if (signIn === undefined) throw routeNotFound()
  const body = await readBody(c.req.raw, MOST_TOKEN_BYTES)
  const { token } = (body ?? {}) as { readonly token?: unknown }
  if (typeof token !== 'string') throw invalidRequest(['token'], 'type', 'must be the text of a token')
  const cookie = await signIn.exchangeToken(token)
  if (cookie === undefined) {
    throw new RequestError('UNAUTHENTICATED', 'the token is not valid: unknown, expired or revoked')
  }
  setCookie(c, cookie, options)
  return c.body(null, 204)
}

function setCookie(c: Ctx, value: string, { trustProxy }: ServerOptions): void {
  const secure = addressOf(c.req.raw, trustProxy).isSecure ? '; Secure' : ''
  const attributes = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${COOKIE_SECONDS}${secure}`
  c.header('set-cookie', `${cookieName(c.req.raw, trustProxy)}=${value}; ${attributes}`)
}

async function ready(readiness: ReadinessCheck): Promise<Response> {
  const answer = await readiness.ask()
  return new Response(JSON.stringify(answer), {
    status: answer.ok ? 200 : 503,
    headers: { 'content-type': 'application/json', ...(answer.ok ? {} : { 'retry-after': '2' }) },
  })
}

/** Of all tenants together, so a token of one of them is not enough. */
async function metricsFor(request: Request, parts: ServerParts): Promise<Response> {
  const { options, metrics } = parts
  refuseOtherOrigins(request, options.trustProxy)
  if (!options.openMetrics) {
    const principal = await authenticate(request, options, parts.signIn, parts.findToken)
    assertRole(principal, storeRoles.metrics)
    if (principal.tenant !== null) {
      throw new RequestError('FORBIDDEN', 'metrics are of all tenants; this token is for one of them only')
    }
  }
  return new Response(metrics.text(), {
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  })
}

function routeNotFound(): RequestError {
  return new RequestError(
    'ROUTE_NOT_FOUND',
    'there is nothing at this path; GET /openapi.json lists what there is',
  )
}
