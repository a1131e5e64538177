// What the tests of copies begin with, and how they look at what was refused.

import { makeOrganisation } from '../organisation.ts'
import { scratchFile } from '../scratch.ts'
import { opened } from './places.ts'

export const task = { title: 't', description: 'd', project: 'p', createdBy: 'x', type: 'admin' } as const
export const message = { sender: 'ada', to: 'bo', channel: 'deck', type: 'announcement' } as const

/** A file with some of every record, and the store over it. */
export async function organisation() {
  const path = scratchFile('source.db')
  const made = await makeOrganisation(path)
  return { path, made, store: await opened(`sqlite:${path}`) }
}

/** What a copy ended in. */
export const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => new Error('nothing was refused'),
    (error: unknown) => error as Error,
  )
