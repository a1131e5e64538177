// Builds the commander program from the declared commands: flags, arguments, help. It knows no
// command by name and runs none: a parsed command is passed to `execute`.

import { Argument, Command as Commander, Option } from 'commander'
import picocolors from 'picocolors'
import { purserVersion } from '../../version.ts'
import { type Flag, flagName } from '../flags/flags.ts'
import { readTenantName } from '../flags/tenant-name.ts'
import { DEFAULT_WIDTH, hasColours, type Paint } from '../screen/screen.ts'
import type { Area, Command, GlobalFlags } from './command.ts'
import { UsageError } from './failure.ts'
import { exampleText, helpStyle } from './help.ts'
import { type Mistakes, noteMistake } from './mistakes.ts'
import { formsOf } from './normalize-argv.ts'
import { groups, rootExamples } from './registry.ts'

/** A command with its parsed input. */
export interface Invocation {
  readonly command: Command
  /** `tasks list`. */
  readonly path: string
  readonly args: Readonly<Record<string, string | undefined>>
  readonly flags: Readonly<Record<string, unknown>>
  readonly global: GlobalFlags
}

/** Longer lines are hard to read. */
const MAX_HELP_WIDTH = 100

type Execute = (invocation: Invocation) => Promise<void>

const globalNote =
  'Every command takes --url, --tenant, --config, --json, --quiet, --verbose, --no-color, --no-pager; purser --help says what they do.'

/**
 * @param mistakes receives the flags and arguments that cannot be read; parsing continues without
 * their values
 * @param writeError receives what commander would print on stderr: help that was not requested, and
 * its own errors
 */
export function createProgram(
  argv: readonly string[],
  mistakes: Mistakes,
  execute: Execute,
  writeError: (text: string) => void,
): Commander {
  const colours = !argv.includes('--no-color') && hasColours(process.stdout, process.env)
  const paint = picocolors.createColors(colours)
  const program = new Commander('purser')
    .exitOverride()
    .configureOutput({
      writeErr: writeError,
      getOutHasColors: () => colours,
      getErrHasColors: () => false,
      getOutHelpWidth: () => Math.min(process.stdout.columns || DEFAULT_WIDTH, MAX_HELP_WIDTH),
    })
    .configureHelp(helpStyle(paint))
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .usage('<command> [flags]')
    .description(
      'The durable books of an AI-agent organisation: who works on what, what it costs, what was said.',
    )
    .version(purserVersion, '-V, --version', 'show the version')
    .option(
      '--url <url>',
      'the database: sqlite:PATH, postgres://USER@HOST/DATABASE or mariadb://USER@HOST/DATABASE (default: PURSER_URL, the config file, then sqlite:./purser.db)',
    )
    .option(
      '--tenant <name>',
      "one organisation's own database (default: PURSER_TENANT, the config file)",
      (text: string) => noteMistake(mistakes, { name: '--tenant' }, () => readTenantName(text)),
    )
    .option(
      '--config <file>',
      'the config file (default: purser.config.json or .yaml in this folder, else in the nearest one above)',
    )
    .option('--json', 'print one JSON document on stdout')
    .option('-q, --quiet', 'print the result alone: no hints, no progress')
    .option('-v, --verbose', 'print times in full, long texts whole, and where an error came from')
    .option('--no-color', 'print without colours (as NO_COLOR does)')
    .option(
      '--no-pager',
      'print long results at once: on a terminal they go through PURSER_PAGER, PAGER or less',
    )
    .addHelpText('after', exampleText(paint, rootExamples))

  const add = (parent: Commander, command: Command, path: string) => {
    const node = parent.command(command.name).summary(command.summary)
    node.description(command.description ?? sentence(command.summary))
    for (const [name, argument] of Object.entries(command.args ?? {})) {
      const declared = new Argument(argument.required ? `<${name}>` : `[${name}]`, argument.description)
      if (argument.choices) declared.description += ` (${argument.choices.join(', ')})`
      node.addArgument(declared)
    }
    for (const [name, flag] of Object.entries(command.flags ?? {})) {
      for (const option of toOptions(name, flag, mistakes)) node.addOption(option)
    }
    const words = node.registeredArguments.map((argument) =>
      argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
    )
    node.usage([...words, '[flags]'].join(' '))
    node.addHelpText('after', exampleText(paint, command.examples, globalNote))
    node.action(() => execute(invocationOf(command, path, node, mistakes)))
  }
  for (const { title, entries } of groups) {
    program.commandsGroup(title)
    for (const entry of entries) {
      if ('run' in entry) add(program, entry, entry.name)
      else addArea(program, entry, paint, add)
    }
  }
  return program
}

function addArea(
  program: Commander,
  area: Area,
  paint: Paint,
  add: (parent: Commander, command: Command, path: string) => void,
): void {
  const node = program.command(area.name).summary(area.summary).description(sentence(area.summary))
  const examples = area.commands.flatMap((command) => command.examples.slice(0, 1))
  node.usage('<command> [flags]').helpCommand(false)
  node.addHelpText('after', exampleText(paint, examples, globalNote))
  for (const command of area.commands) add(node, command, `${area.name} ${command.name}`)
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`
}

function toOptions(name: string, flag: Flag<unknown>, mistakes: Mistakes): readonly Option[] {
  const long = flagName(name)
  const description = flag.choices ? `${flag.description}: ${flag.choices.join(', ')}` : flag.description
  const value = flag.metavar === undefined ? '' : ` <${flag.metavar}>`
  return formsOf(name, flag).map((form, index) => {
    const short = flag.short === undefined || index > 0 ? '' : `-${flag.short}, `
    const option = new Option(short + form + value, index === 0 ? description : 'the opposite')
    if (flag.group !== undefined) option.helpGroup(flag.group)
    if (flag.metavar === undefined) return option
    return option.argParser((text: string, earlier: unknown) => {
      const read = () => {
        if (earlier !== undefined && !Array.isArray(flag.initial))
          throw new UsageError('is given twice, and takes one value')
        return flag.read(text, earlier ?? flag.initial)
      }
      return noteMistake(mistakes, { name: long, field: flag.field }, read) ?? earlier
    })
  })
}

function invocationOf(command: Command, path: string, node: Commander, mistakes: Mistakes): Invocation {
  const given = node.opts<Record<string, unknown>>()
  const flags = Object.fromEntries(
    Object.entries(command.flags ?? {}).map(([name, flag]) => [name, given[name] ?? flag.initial]),
  )
  const names = Object.keys(command.args ?? {})
  const args = Object.fromEntries(names.map((name, index) => [name, node.args[index]]))
  for (const [name, { read }] of Object.entries(command.args ?? {})) {
    const value = args[name]
    if (read && value !== undefined)
      args[name] = noteMistake(mistakes, { name: `<${name}>` }, () => read(value))
  }
  const { json, quiet, verbose, color, pager, ...location } = node.optsWithGlobals<Partial<GlobalFlags>>()
  const global: GlobalFlags = {
    ...pickLocation(location),
    json: json ?? false,
    quiet: quiet ?? false,
    verbose: verbose ?? false,
    color: color ?? true,
    pager: pager ?? true,
  }
  return { command, path, args, flags, global }
}

function pickLocation({ url, tenant, config }: Partial<GlobalFlags>) {
  return {
    ...(url === undefined ? {} : { url }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(config === undefined ? {} : { config }),
  }
}
