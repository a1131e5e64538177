// Resolves the files that a URL names: relative paths in a configuration file from another folder.

import { isAbsolute, resolve } from 'node:path'
import { fromHome } from '../values/home-folder.ts'

/** A folder that is named in a file of `base`. */
export function folderFrom(path: string, base: string): string {
  return resolve(base, fromHome(path))
}

/**
 * A URL from a file in `base`, with its relative paths resolved from there: that of a database
 * file, unless it is relative to a root folder, and those of certificates. Anything not understood
 * is kept for the engine to refuse.
 */
export function urlFrom(url: string, base: string, hasRoot: boolean): string {
  const [, scheme = '', target = '', query = ''] = /^([a-z][a-z0-9+.-]*:)([^?]*)(.*)$/is.exec(url) ?? []
  if (scheme === '') return url
  if (scheme.toLowerCase() !== 'sqlite:') {
    return `${scheme}${target}${query.replaceAll(CERTIFICATES, (_, name: string, path: string) => {
      return `${name}${isRelative(decoded(path)) ? placed(path, base) : path}`
    })}`
  }
  return hasRoot || !isRelative(decoded(target)) ? url : `${scheme}${placed(target, base)}${query}`
}

const CERTIFICATES = /([?&](?:sslrootcert|sslcert|sslkey)=)([^&#]*)/g

function isRelative(path: string): boolean {
  return path !== '' && path !== ':memory:' && !path.startsWith('~') && !isAbsolute(path)
}

/** Joined as text: the engine applies its path rules to what was written. */
function placed(path: string, base: string): string {
  const encode = (text: string, separator: RegExp) => text.split(separator).map(encodeURIComponent).join('/')
  // A lone percent sign is literal as long as nothing else in the path is an escape.
  const written = isDecodable(path) ? path : encode(path, /\//)
  return `${encode(base, /[/\\]/).replace(/\/$/, '')}/${written.replace(/^(?:\.\/+)+/, '')}`
}

function isDecodable(path: string): boolean {
  try {
    return decodeURIComponent(path) !== undefined
  } catch {
    return false
  }
}

function decoded(path: string): string {
  return isDecodable(path) ? decodeURIComponent(path) : path
}
