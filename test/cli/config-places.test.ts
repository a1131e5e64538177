// Which configuration file the command line takes, and where the paths in it begin.

import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { workspace } from '../support/cli/purser.ts'

interface Named {
  readonly urlFrom: string
  readonly configFile: string | null
  readonly location: string
}

/** A workspace in whose folder `below/deep` the command line runs. */
function nested() {
  const { path, done } = workspace()
  mkdirSync(path('below/deep'), { recursive: true })
  const inFolder = (folder: string) => workspace(path(folder))
  return { path, done, deep: inFolder('below/deep'), below: inFolder('below') }
}

describe('U13: the configuration file', () => {
  test('of a folder above is found, and its database is beside it', async () => {
    const { path, done, deep } = nested()
    writeFileSync(path('purser.config.yaml'), 'url: sqlite:./books.db\n')
    await done(['migrate', '--quiet'])
    const { data } = (await deep.done(['status', '--json'])).json<Named>()
    expect(data).toMatchObject({
      urlFrom: path('purser.config.yaml'),
      configFile: path('purser.config.yaml'),
      location: path('books.db'),
    })
    expect((await deep.done(['status'])).stdout).toContain(`Named by  ${path('purser.config.yaml')}`)
    const words = [
      '--channel',
      'c',
      '--from',
      'a',
      '--to',
      'b',
      '--type',
      'announcement',
      '--content',
      'from below',
    ]
    await deep.done(['messages', 'send', ...words])
    expect((await done(['messages', 'history', 'c'])).stdout).toContain('from below')
  })

  test('that is nearest wins', async () => {
    const { path, deep, below } = nested()
    writeFileSync(path('purser.config.yaml'), 'url: sqlite:./books.db\n')
    writeFileSync(path('below/purser.config.json'), '{"url": "sqlite:near.db"}')
    const { stderr } = await deep.purser(['status'])
    expect(stderr).toContain(`${path('below/near.db')} (named by ${path('below/purser.config.json')})`)
    expect((await below.purser(['status'])).stderr).toContain(path('below/near.db'))
  })

  test('that is named is read in place of those above; its paths begin at it', async () => {
    const { path, deep } = nested()
    writeFileSync(path('purser.config.yaml'), 'url: sqlite:./books.db\n')
    writeFileSync(path('below/other.yaml'), 'url: sqlite:other.db\n')
    const { stdout } = await deep.done(['migrate', '--config', '../other.yaml'])
    expect(stdout).toContain(path('below/other.db'))
  })

  test('is named by status where something else names the database', async () => {
    const { path, deep } = nested()
    writeFileSync(path('purser.config.yaml'), 'backup: false\n')
    await deep.done(['migrate', '--quiet', '--url', 'sqlite:mine.db'])
    const { stdout } = await deep.done(['status', '--url', 'sqlite:mine.db'])
    expect(stdout).toContain('Named by  --url')
    expect(stdout).toContain(`Settings  ${path('purser.config.yaml')}`)
    const { json } = await deep.done(['status', '--url', 'sqlite:mine.db', '--json'])
    expect(json<Named>().data).toMatchObject({ urlFrom: '--url', configFile: path('purser.config.yaml') })
  })

  test('~ in it is the home folder', async () => {
    const { path, deep } = nested()
    writeFileSync(path('purser.config.yaml'), 'url: sqlite:~/books.db\n')
    const { stderr } = await deep.purser(['status'], { env: { HOME: path('below') }, fresh: true })
    expect(stderr).toContain(path('below/books.db'))
  })
})
