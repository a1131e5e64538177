// Who a request is from: its token, or the cookie of a sign-in.

import { RequestError } from '../answers/request-error.ts'
import type { ServerOptions } from '../options.ts'
import { addressOf } from './address.ts'
import type { FindToken, Principal } from './principal.ts'
import type { SignIn } from './sign-in.ts'

/** The name of the cookie: browsers send a cookie to every port of a host. */
export function cookieName(request: Request, trustProxy: boolean | undefined): string {
  const { host, isSecure } = addressOf(request, trustProxy)
  const port = /:(\d{1,5})$/.exec(host)?.[1] ?? (isSecure ? '443' : '80')
  return `purser-${port}`
}

export function cookieIn(request: Request, trustProxy: boolean | undefined): string | undefined {
  const name = cookieName(request, trustProxy)
  const found = (request.headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
  return found?.slice(name.length + 1)
}

/** @throws RequestError if it is from no one that is known */
export async function authenticate(
  request: Request,
  options: Pick<ServerOptions, 'authenticate' | 'trustProxy'>,
  signIn: SignIn | undefined,
  findToken: FindToken,
): Promise<Principal> {
  if (options.authenticate) {
    const principal = await options.authenticate(request)
    if (principal !== null) return principal
    throw refused('the request is from no one that this server knows')
  }
  const header = request.headers.get('authorization')
  if (header !== null) {
    const [, secret] = /^Bearer +(\S+)$/i.exec(header) ?? []
    const principal = secret === undefined ? null : await findToken(secret)
    if (principal !== null) return principal
    throw refused('the token is not valid: unknown, expired or revoked; make one with purser tokens create')
  }
  const cookie = signIn === undefined ? undefined : cookieIn(request, options.trustProxy)
  const signedIn = cookie === undefined ? undefined : await signIn?.find(cookie)
  if (signedIn !== undefined) return signedIn
  throw refused(
    'sign in with the URL that purser serve prints, or with a token, or send one: Authorization: Bearer …',
  )
}

function refused(detail: string): RequestError {
  return new RequestError('UNAUTHENTICATED', detail, { headers: { 'www-authenticate': 'Bearer' } })
}
