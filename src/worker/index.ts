// `purser/worker`: works on tasks of a store as they become ready.

export type { WorkContext, WorkerOptions } from './options.ts'
export { runWorker, type WorkerReport } from './run-worker.ts'
