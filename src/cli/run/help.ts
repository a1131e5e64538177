// The single implementation of help: the contents and order of a page, its colours, and the
// examples at its end.

import type { Command, Help, HelpConfiguration } from 'commander'
import type { Paint } from '../screen/screen.ts'
import { pad } from '../screen/text.ts'
import type { Example } from './command.ts'

/** How commander lays out help, with headings and flags in colour. */
export function helpStyle(paint: Paint): HelpConfiguration & Partial<Help> {
  return {
    styleTitle: paint.bold,
    styleSubcommandText: paint.cyan,
    styleOptionText: paint.cyan,
    styleArgumentText: paint.yellow,
    subcommandTerm: (command) => command.name(),
    formatHelp,
  }
}

/** As commander lays it out, except for the order: commands come before flags. */
function formatHelp(command: Command, help: Help): string {
  const width = help.padWidth(command, help)
  const item = (term: string, description: string) => help.formatItem(term, width, description, help)
  const section = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : [help.styleTitle(title), ...items, '']
  const path = [command.name()]
  for (let parent = command.parent; parent; parent = parent.parent) path.unshift(parent.name())
  const flags = help.groupItems(
    [...command.options],
    help.visibleOptions(command),
    (option) => option.helpGroupHeading ?? 'Flags:',
  )
  const commands = help.groupItems(
    [...command.commands],
    help.visibleCommands(command),
    (sub) => sub.helpGroup() || 'Commands:',
  )
  return [
    `${help.styleTitle('Usage:')} ${help.styleUsage(`${path.join(' ')} ${command.usage()}`)}`,
    '',
    help.boxWrap(help.commandDescription(command), help.helpWidth ?? 80),
    '',
    ...[...commands].flatMap(([title, subs]) =>
      section(
        title,
        subs.map((sub) =>
          item(help.styleSubcommandTerm(help.subcommandTerm(sub)), help.subcommandDescription(sub)),
        ),
      ),
    ),
    ...section(
      'Arguments:',
      help
        .visibleArguments(command)
        .map((argument) =>
          item(help.styleArgumentTerm(help.argumentTerm(argument)), help.argumentDescription(argument)),
        ),
    ),
    ...[...flags].flatMap(([title, options]) =>
      section(
        title,
        options.map((option) =>
          item(help.styleOptionTerm(help.optionTerm(option)), help.optionDescription(option)),
        ),
      ),
    ),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

/** The lines below the flags: commands to copy, each with its purpose. */
export function exampleText(paint: Paint, examples: readonly Example[], footer?: string): string {
  const width = Math.max(...examples.map(([, line]) => line.length))
  const fitsBeside = examples.every(([purpose]) => width + purpose.length < 88)
  const lines = examples.flatMap(([purpose, line]) =>
    fitsBeside
      ? [`  purser ${pad(line, width)}  ${paint.dim(`# ${purpose}`)}`]
      : [`  ${paint.dim(`# ${purpose}`)}`, `  purser ${line}`],
  )
  return [
    '',
    paint.bold('Examples:'),
    ...lines,
    ...(footer === undefined ? [] : ['', paint.dim(footer)]),
  ].join('\n')
}
