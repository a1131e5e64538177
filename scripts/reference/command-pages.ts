// docs/cli/<command>.md: arguments, flags and examples of every command as it declares them, below
// the hand-written part with its sessions; and the index of commands in docs/cli.md. Both are
// written between two marks; what is outside of them is left as it is.
import { readFileSync } from 'node:fs'
import type { Area, Command } from '../../src/cli/run/command.ts'
import { formsOf } from '../../src/cli/run/normalize-argv.ts'
import { createProgram } from '../../src/cli/run/program.ts'
import { areas, groups } from '../../src/cli/run/registry.ts'
import { code, table } from './markdown.ts'
import { root } from './source.ts'

const BEGIN = '<!-- generated -->'
const END = '<!-- end -->'

/** The writers of all pages, by path. */
export const commandPages: Readonly<Record<string, () => string>> = {
  'docs/cli.md': () => withGenerated('docs/cli.md', [indexTable(), ...globalFlags()]),
  ...Object.fromEntries(
    areas.map((entry) => {
      const path = `docs/cli/${entry.name}.md`
      return [path, () => withGenerated(path, referenceOf(entry))]
    }),
  ),
}

/** @throws Error when the page is not there, or has not both marks */
function withGenerated(path: string, blocks: readonly string[]): string {
  const text = readFileSync(new URL(path, root), 'utf8')
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin)
    throw new Error(`${path} needs the lines ${BEGIN} and ${END}; what is between them is written`)
  return [text.slice(0, begin + BEGIN.length), ...blocks, text.slice(end)].join('\n\n')
}

function indexTable(): string {
  return table(
    ['command', 'does'],
    groups.flatMap(({ entries }) =>
      entries.map((entry) => [
        [`[${code(entry.name)}](cli/${entry.name}.md)`, ...verbsOf(entry).map(code)].join(' '),
        // An area's summary lists its commands, which are beside it here.
        'run' in entry ? entry.summary : entry.summary.replace(/: .*/, ''),
      ]),
    ),
  )
}

function verbsOf(entry: Area | Command): readonly string[] {
  return 'run' in entry ? [] : entry.commands.map(({ name }) => name)
}

function globalFlags(): readonly string[] {
  const program = createProgram(
    [],
    [],
    async () => {},
    () => {},
  )
  return [
    'Flags that every command takes:',
    table(
      ['flag', 'does'],
      program.options
        .filter(({ long }) => long !== '--version')
        .map(({ flags, description }) => [code(flags), description]),
    ),
  ]
}

function referenceOf(entry: Area | Command): readonly string[] {
  const commands = 'run' in entry ? [entry] : entry.commands
  const prefix = 'run' in entry ? '' : `${entry.name} `
  return [
    '## Arguments and flags',
    'Beside these, every command takes the [flags of all commands](../cli.md).',
    ...commands.flatMap((command) => commandBlocks(command, prefix)),
  ]
}

function commandBlocks(command: Command, prefix: string): readonly string[] {
  const args = Object.entries(command.args ?? {})
  const words = args.map(([name, { required }]) => (required ? `<${name}>` : `[${name}]`))
  const path = `purser ${prefix}${command.name}`
  const argumentRows = args.map(([name, { description, choices }]) => [
    code(name),
    choices ? `${description}: ${choices.join(', ')}` : description,
  ])
  return [
    `### ${path}`,
    command.description ?? `${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`,
    fenced([path, ...words, '[flags]'].join(' ')),
    ...(argumentRows.length > 0 ? [table(['argument', 'is'], argumentRows)] : []),
    ...flagTables(command),
    fenced(command.examples.map(([purpose, line]) => `# ${purpose}\npurser ${line}`).join('\n')),
  ]
}

/** One table for each heading under which help has flags. */
function flagTables(command: Command): readonly string[] {
  const rows = new Map<string, string[][]>()
  for (const [name, flag] of Object.entries(command.flags ?? {})) {
    const value = flag.metavar === undefined ? '' : ` <${flag.metavar}>`
    const short = flag.short === undefined ? '' : `-${flag.short}, `
    const description = flag.choices ? `${flag.description}: ${flag.choices.join(', ')}` : flag.description
    const forms = formsOf(name, flag).map((form, index) => code(`${index === 0 ? short : ''}${form}${value}`))
    const heading = flag.group?.replace(/:$/, '') ?? 'Flags'
    rows.set(heading, [...(rows.get(heading) ?? []), [forms.join(', '), description]])
  }
  return [...rows].map(([heading, entries]) => table([heading, 'does'], entries))
}

function fenced(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``
}
