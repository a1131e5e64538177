// Where the paths of a configuration begin: at the file that names them, at the home folder for
// `~`, at the working folder for the rest. Which file the command line takes is in
// test/cli/config-places.test.ts.

import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { resolveConfig, type StoreOptions } from '../../src/config/config.ts'
import { urlFrom } from '../../src/config/file-locations.ts'
import { createBackend } from '../../src/index.ts'
import { fromHome } from '../../src/values/home-folder.ts'
import { scratchFolder } from '../support/scratch.ts'

/** The location of a store whose file says this. */
function located(settings: object, given: StoreOptions = {}, environment = {}) {
  const folder = scratchFolder()
  writeFileSync(join(folder, 'purser.config.json'), JSON.stringify(settings))
  return createBackend(given, { environment, folder }).location.replace(folder, 'FOLDER')
}

describe('U13: a path in a configuration file begins at the folder of the file', () => {
  test.each([
    ['sqlite:./x.db', 'FOLDER/x.db'],
    ['sqlite:x.db?journal=delete', 'FOLDER/x.db'],
    ['sqlite:data/x.db', 'FOLDER/data/x.db'],
    ['sqlite:my%20books.db', 'FOLDER/my books.db'],
    ['sqlite:100%.db', 'FOLDER/100%.db'],
    ['SQLITE:x.db', 'FOLDER/x.db'],
    ['sqlite:/srv/x.db', '/srv/x.db'],
    ['sqlite:///srv/x.db', '/srv/x.db'],
    ['sqlite::memory:', ':memory:'],
    ['sqlite:~/x.db', join(homedir(), 'x.db')],
  ])('%s', (url, location) => {
    expect(located({ url })).toBe(location)
  })

  test('of a tenant, and of a root folder', () => {
    expect(located({ url: 'sqlite:./x.db', tenant: 'acme' })).toBe('FOLDER/x.acme.db')
    expect(located({ url: 'sqlite:x.db', root: './data' })).toBe('FOLDER/data/x.db')
    expect(located({ url: 'sqlite:x.db' }, { root: 'data' })).toBe(join(process.cwd(), 'data/x.db'))
  })

  test('not what the caller or the environment names', () => {
    const url = 'sqlite:./x.db'
    expect(located({ url }, { url })).toBe(join(process.cwd(), 'x.db'))
    expect(located({ url }, {}, { PURSER_URL: url })).toBe(join(process.cwd(), 'x.db'))
    expect(located({ root: 'data' }, { root: 'data', url })).toBe(join(process.cwd(), 'data/x.db'))
  })

  test('in a folder whose name a URL cannot hold', () => {
    expect(urlFrom('sqlite:./x.db', '/a b/50%?#', false)).toBe('sqlite:/a%20b/50%25%3F%23/x.db')
    expect(urlFrom('sqlite:x.db', '/', false)).toBe('sqlite:/x.db')
  })

  test('certificates too', () => {
    const url = 'postgres://u:p@h/d?sslrootcert=./ca.pem&sslkey=/k.pem&sslcert=~/c.pem&poolMax=3'
    expect(urlFrom(url, '/etc/app', false)).toBe(
      'postgres://u:p@h/d?sslrootcert=/etc/app/ca.pem&sslkey=/k.pem&sslcert=~/c.pem&poolMax=3',
    )
  })

  test('and what is wrong stays wrong', () => {
    for (const url of ['x.db', 'sqlite:', 'nosql:x', '']) expect(urlFrom(url, '/etc', false)).toBe(url)
    expect(() => located({ url: 'sqlite:../x.db' })).toThrow(/must not have a "\.\." component/)
  })

  test('a resolved configuration names the same database anywhere', () => {
    const folder = scratchFolder()
    writeFileSync(join(folder, 'other.yaml'), 'url: sqlite:./x.db\n')
    const { url } = resolveConfig({}, { environment: {}, file: join(folder, 'other.yaml') })
    expect(createBackend(url, { environment: {}, file: null }).location).toBe(join(folder, 'x.db'))
  })
})

describe('U13: ~ is the home folder', () => {
  const at = (url: string, given: StoreOptions = {}) =>
    createBackend({ url, ...given }, { environment: {}, file: null }).location

  test('at the beginning of a path alone', () => {
    expect(at('sqlite:~/x.db')).toBe(join(homedir(), 'x.db'))
    expect(at('sqlite:~/data/x.db', { tenant: 'acme' })).toBe(join(homedir(), 'data/x.acme.db'))
    expect(at('sqlite:./~/x.db')).toBe(join(process.cwd(), '~/x.db'))
    expect(at('sqlite:a~.db')).toBe(join(process.cwd(), 'a~.db'))
    expect(at('sqlite:x.db', { root: '~/data' })).toBe(join(homedir(), 'data/x.db'))
    expect(fromHome('~')).toBe(homedir())
  })

  test("and another user's is refused", () => {
    expect(() => at('sqlite:~bob/x.db')).toThrow(/begins with ~ and a name is not looked up; write the path/)
    expect(() => at('sqlite:~/../x.db')).toThrow(/must not have a "\.\." component/)
  })
})
