// Every name that a record goes by is understood wherever the command line names a kind of record.

import { expect, test } from 'vitest'
import { recordNamed } from '../../src/cli/flags/record-names.ts'
import { namedAreas } from '../../src/cli/run/normalize-argv.ts'
import { areas } from '../../src/cli/run/registry.ts'
import { definitions } from '../../src/records/definitions.ts'
import { workspace } from '../support/cli/purser.ts'

const camel = (text: string) => text.replaceAll(/[ _](\w)/g, (_, letter: string) => letter.toUpperCase())

test.each(definitions.map((definition) => [definition.name, definition] as const))(
  'U23: %s is understood in every form of its name',
  (name, { shape }) => {
    const type = name.replaceAll(' ', '_')
    for (const word of [name, shape.table]) {
      for (const form of [word, word.replaceAll(/[ _]/g, '-'), camel(word), word.toUpperCase()])
        expect(recordNamed(form), form).toBe(type)
    }
  },
)

test('U23: a record’s name names its area', () => {
  for (const word of ['cost', 'costRecords', 'cost_record', 'cost-records'])
    expect(namedAreas(['--url', 'task', word, 'list'], areas)).toEqual(['--url', 'task', 'costs', 'list'])
  expect(namedAreas(['status'], areas)).toEqual(['status'])
  expect(namedAreas(['taks'], areas)).toEqual(['taks'])
})

test('U23: export --types takes any of them', async () => {
  const { done } = workspace()
  await done(['migrate'])
  for (const type of ['costs', 'costRecords', 'cost-record'])
    expect((await done(['export', '--types', type])).stdout).toContain('"type":')
})

test('D2: whatever changes records takes --actor', () => {
  const reading =
    /^(list|show|get|tree|cost|report|history|search|verify|head|unpriced|wait|status|ready|waiting|decisions|checkpoints|preflight|explain|steps|resume)$/
  // Of `audit log` it is a filter.
  for (const area of areas) {
    // An area without a record, such as tenants, changes none.
    if ('run' in area || area.record === undefined) continue
    for (const { name, flags } of area.commands)
      expect(Object.hasOwn(flags ?? {}, 'actor'), `${area.name} ${name}`).toBe(!reading.test(name))
  }
})
