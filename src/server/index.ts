// `purser/server`: the HTTP API of a store, as a fetch handler.

export type { RequestSource } from './access/address.ts'
export type { Principal } from './access/principal.ts'
export { type Role, roles } from './access/roles.ts'
export type { Problem } from './answers/problem.ts'
export type { ServerOptions } from './options.ts'
export { createServer, type PurserServer } from './server.ts'
