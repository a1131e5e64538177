// Run as a process of its own: looks at a database as programs do that are not Purser, with the
// plain driver of its server, again and again, a connection each time. Arguments: URL, seed.

import { setTimeout as pause } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { randomFrom } from '../loss/random.ts'

const [url = '', seed = '0'] = process.argv.slice(2)
const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(url)
const random = randomFrom(Number(seed))
const account = { user: decodeURIComponent(username), password: decodeURIComponent(password) }
const database = decodeURIComponent(pathname.slice(1))

async function lookPostgres(): Promise<void> {
  const client = new pg.Client({ ...account, host: hostname, port: Number(port || 5432), database })
  await client.connect()
  await client.query('BEGIN')
  await client.query(`SELECT count(*) FROM "${searchParams.get('schema') ?? 'public'}".messages`)
  await client.query(random.chance(0.5) ? 'ROLLBACK' : 'COMMIT')
  await client.end()
}

async function lookMariadb(): Promise<void> {
  const client = await mysql.createConnection({
    ...account,
    host: hostname,
    port: Number(port || 3306),
    database,
  })
  await client.beginTransaction()
  await client.query('SELECT count(*) FROM messages')
  await (random.chance(0.5) ? client.rollback() : client.commit())
  await client.end()
}

process.stdout.write('ready\n')
for (;;) {
  await (protocol === 'mariadb:' ? lookMariadb() : lookPostgres())
  await pause(random.whole(0, 60))
}
