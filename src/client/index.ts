// `purser/client`: a store over HTTP, for programs and browsers. It loads neither a database nor
// the server.

export * from '../errors.ts'
export {
  type Client,
  createClient,
  type Found,
  type Me,
  type RepositoriesByHttp,
  type ServerStatus,
} from './client.ts'
export { RequestFailedError } from './failure.ts'
export type { ChangesByHttp } from './feed.ts'
export type { CallOptions, ClientOptions } from './options.ts'
