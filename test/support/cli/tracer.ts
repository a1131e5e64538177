// Shows what a process loads: to be given to it with --import.

/** Prints the address of every module that is loaded. */
export const tracer = `data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module'
registerHooks({ load: (url, context, next) => { process.stderr.write(url + '\\n'); return next(url, context) } })
`)}`
