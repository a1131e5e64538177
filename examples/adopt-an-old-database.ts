// Takes over the database of an ancestor: previews the migration, migrates, lists the findings,
// migrates down, and up again. Creates its own file unless you name a copy of yours.
//
//   node examples/adopt-an-old-database.ts [FILE]

import { basename } from 'node:path'
import { createBackend, events } from 'purser'
import { makeOldDatabase } from './make-old-database.ts'

const [given] = process.argv.slice(2)
const file = given ?? 'old.db'
if (given === undefined) makeOldDatabase(file)

const backend = createBackend(`sqlite:${file}`)
await backend.connect()
backend.on(events.migrationBackup, ({ path }) => console.log(`copied to ${withoutTime(basename(path))}`))

const plan = await backend.migrationPlan()
console.log('would run:', plan.map(({ version, name }) => `${version} ${name}`).join(', '))
const [first] = plan[0]?.statements ?? []
console.log('beginning with:', first?.sql.split('\n')[0])

const { adopted, rows, findings } = await backend.migrate()
console.log('adopted:', adopted, rows)
console.log('findings:', findings.byProblem)

const [total] = await backend.costRecords.aggregate()
console.log(`spent: ${total?.cost} ${total?.currency}`)

// Back to the layout that the old program reads, with the original values, and up again: nothing is
// lost.
await backend.migrate({ to: 1 })
const again = await backend.migrate()
const [same] = await backend.costRecords.aggregate()
console.log(`from ${again.from} to ${again.to}, spent: ${same?.cost}`)
await backend.close()

function withoutTime(name: string): string {
  return name.replace(/\d{8}T\d{6,9}Z/, 'TIME')
}
