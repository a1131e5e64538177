// The text of a new configuration file: every setting, each explained and, except for the given
// ones, commented out. A test uncomments all of them and reads the file, so that none is missing or
// wrong.

import { stringify } from 'yaml'

/** The lines that are not commented out. */
export interface Given {
  readonly url: string
  readonly tenant: string | undefined
}

interface Setting {
  readonly key: string
  /** A line each. */
  readonly says: readonly string[]
  /** The default value, or an example. */
  readonly example: unknown
}

const settings: readonly Setting[] = [
  {
    key: 'migrate',
    says: [
      'What opening a store does with a database of another version: auto (upgrade it), check (refuse it) or off.',
      'The command line upgrades with "purser migrate" alone.',
    ],
    example: 'auto',
  },
  {
    key: 'backup',
    says: ['Whether a database file is copied before a migration that older versions cannot follow.'],
    example: true,
  },
  { key: 'root', says: ['A folder that database files must be inside of.'], example: './data' },
  {
    key: 'closeTimeout',
    says: ['Milliseconds that closing waits for writes in flight.'],
    example: 10_000,
  },
  {
    key: 'batch',
    says: ['The most writes that share one commit.'],
    example: { maxRows: 512 },
  },
  {
    key: 'automationProfile',
    says: [
      'How far plans may go without a human, where neither they nor their actions nor projects say so.',
      '"purser profiles list" shows the profiles there are.',
    ],
    example: 'balanced',
  },
  {
    key: 'projectProfiles',
    says: ["The same, by the name of a plan's project."],
    example: { 'local/website': 'trusted' },
  },
  {
    key: 'retention',
    says: [
      'How long records are kept: what is older goes with "purser prune". Totals of costs stay exact.',
      'With automatic: true it goes by itself while a store is open. audit: 2y would cut the audit trail too.',
    ],
    example: { messages: '90d', costs: '400d', automatic: false },
  },
  {
    key: 'changes',
    says: [
      'How long the feed of changes keeps what was committed; false writes none, for every store of the database.',
    ],
    example: { keep: '7d' },
  },
  {
    key: 'prices',
    says: [
      'Prices of models that come before those of the bundled table, per million tokens.',
      '"purser prices set" checks one and prints the lines to write here.',
    ],
    example: [],
  },
  {
    key: 'selfApproval',
    says: ['Whether those who ask for an approval may decide it themselves.'],
    example: false,
  },
  {
    key: 'enforce',
    says: [
      'Whether calls that break the rules of plans are refused (refuse), or go through and are recorded (record).',
      'Without it, the database itself says: "purser enforce" shows and sets it.',
    ],
    example: 'refuse',
  },
  {
    key: 'agentIdleAfter',
    says: ['Milliseconds after its last beat from which an agent is idle.'],
    example: 300_000,
  },
]

/** The keys that the file explains. */
export const explainedKeys: readonly string[] = ['url', 'tenant', ...settings.map(({ key }) => key)]

const TENANT_EXAMPLE = 'acme'

/** The whole file, as YAML. */
export function settingsFile({ url, tenant }: Given): string {
  const place = [
    '# Where the data are: a file, or a server.',
    '#   sqlite:./purser.db',
    '#   postgres://user:password@host/database',
    '#   mariadb://user:password@host/database',
    stringify({ url }).trimEnd(),
    '',
    "# One organisation's own database beside those of others: a file, a schema or a database of its own.",
    tenant === undefined ? commented(stringify({ tenant: TENANT_EXAMPLE })) : stringify({ tenant }).trimEnd(),
  ]
  const others = settings.flatMap(({ key, says, example }) => [
    '',
    ...says.map((line) => `# ${line}`),
    commented(stringify({ [key]: example })),
  ])
  const head = [
    '# Settings of Purser. The library reads them from the folder in which it runs, the command line also from the folders above.',
    '# Relative paths begin at the folder of this file; ~/ is the home folder.',
    '# PURSER_URL and PURSER_TENANT, and the flags --url and --tenant, come before what stands here.',
    '',
  ]
  return `${[...head, ...place, ...others].join('\n')}\n`
}

/**
 * Comments that hold a setting begin with `#` and no space: removing the sign activates the
 * setting.
 */
function commented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `#${line}`)
    .join('\n')
}
