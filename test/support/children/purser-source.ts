// Loaded with `node --import` before a program that imports `purser` as an application does: the
// name then means the sources of this checkout, built or not, from any folder.
import { registerHooks } from 'node:module'

const manifest = new URL('../../../package.json', import.meta.url)

const files = {
  errors: 'errors',
  events: 'observability/events',
  conformance: 'conformance/index',
  client: 'client/index',
  worker: 'worker/index',
  server: 'server/index',
}

registerHooks({
  resolve(specifier, context, next) {
    const subpath = /^purser(?:\/(errors|events|client|conformance|worker|server))?$/.exec(specifier)
    if (!subpath) return next(specifier, context)
    const file = files[subpath[1] as keyof typeof files] ?? 'index'
    return next(new URL(`src/${file}.ts`, manifest).href, context)
  },
})
