// The files of the dashboard, from memory: what is not in the folder when the server starts cannot
// be asked for, whatever a path looks like.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'

interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly tag: string
  /** Its name has a hash of its content. */
  readonly isHashed: boolean
}

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  map: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
}

const INDEX = '/index.html'

/** Answers for the files of a folder; nothing for a folder that does not exist. */
export class StaticFiles {
  readonly #files: ReadonlyMap<string, StaticFile>

  constructor(folder: string | undefined) {
    this.#files = folder !== undefined && existsSync(folder) ? readFiles(folder) : new Map()
  }

  get isEmpty(): boolean {
    return this.#files.size === 0
  }

  /**
   * The file at a path; the page itself for a path of the page's own, which has no dot in its last
   * part. Undefined if there is neither.
   */
  find(path: string, headers: Headers): Response | undefined {
    const isPage = !(path.split('/').at(-1) ?? '').includes('.')
    const file = this.#files.get(path) ?? (isPage ? this.#files.get(INDEX) : undefined)
    if (file === undefined) return undefined
    const caching = file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache'
    const shared = { etag: file.tag, 'cache-control': caching }
    if (headers.get('if-none-match') === file.tag) return new Response(null, { status: 304, headers: shared })
    return new Response(file.bytes, { headers: { ...shared, 'content-type': file.type } })
  }
}

function readFiles(folder: string): ReadonlyMap<string, StaticFile> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return new Map(
    files.map((entry) => {
      const full = join(entry.parentPath, entry.name)
      const path = `/${full.slice(folder.length).split(sep).filter(Boolean).join('/')}`
      const bytes = new Uint8Array(readFileSync(full))
      const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
      const type = types[entry.name.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
      return [path, { bytes, type, tag, isHashed: path.startsWith('/assets/') }]
    }),
  )
}
