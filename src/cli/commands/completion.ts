// Shell completion: `purser completion bash` prints a script, which runs `purser complete -- WORD…`
// at every tab to get the candidates for the last word. So the candidates always match this
// version.

import { type Area, type Command, defineCommand, oneWord } from '../run/command.ts'
import { formsOf, globalSwitches, globalValueFlags, spellingsOf } from '../run/normalize-argv.ts'

const scripts = {
  bash: `# purser: completion for bash. In ~/.bashrc:  source <(purser completion bash)
_purser() {
  local IFS=$'\\n'
  COMPREPLY=($(purser complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _purser purser`,
  zsh: `#compdef purser
# purser: completion for zsh. In ~/.zshrc, after compinit:  source <(purser completion zsh)
_purser() {
  local -a found
  found=(\${(f)"$(purser complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#found} )); then compadd -- $found; else _files; fi
}
compdef _purser purser`,
  fish: `# purser: completion for fish. Once:  purser completion fish > ~/.config/fish/completions/purser.fish
complete -c purser -a '(purser complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`,
} as const

const shells = Object.keys(scripts) as (keyof typeof scripts)[]

export const completion = defineCommand({
  name: 'completion',
  summary: 'print a script that completes command lines in bash, zsh or fish',
  args: { shell: oneWord(shells, 'the shell') },
  examples: [
    ['bash, in ~/.bashrc', 'completion bash'],
    ['fish, into its folder of completions', 'completion fish'],
  ],
  run: async ({ args }) => ({
    data: { shell: args.shell, script: scripts[args.shell] },
    show: () => scripts[args.shell],
  }),
})

/** Candidates for the last word; none if it can be anything. */
export function complete(words: readonly string[], entries: readonly (Area | Command)[]): readonly string[] {
  const current = words.at(-1) ?? ''
  const { offered, command, operands } = commandAt(words.slice(0, -1), entries)
  const flags = Object.entries(command?.flags ?? {})
  const previous = words.at(-2) ?? ''
  const asked = flags.find(
    ([name, flag]) => flag.metavar !== undefined && spellingsOf(name, flag).includes(previous),
  )
  if (asked) return completeChoice(asked[1].choices ?? [], current)
  if (globalValueFlags.some((flag) => flag === previous)) return []
  if (current.startsWith('-')) {
    const own = flags.flatMap(([name, flag]) => formsOf(name, flag))
    return startingWith([...own, ...globalValueFlags, ...globalSwitches], current)
  }
  const argument = Object.values(command?.args ?? {})[operands]
  return startingWith(command ? (argument?.choices ?? []) : offered, current)
}

/** Words separated by commas are completed from the last comma on. */
function completeChoice(choices: readonly string[], current: string): readonly string[] {
  const done = current.slice(0, current.lastIndexOf(',') + 1)
  return startingWith(
    choices.map((choice) => done + choice),
    current,
  )
}

function startingWith(words: readonly string[], start: string): readonly string[] {
  return words.filter((word) => word.startsWith(start))
}

/** What has names in the store. */
export type NameKind =
  | 'task'
  | 'plan'
  | 'action'
  | 'profile'
  | 'channel'
  | 'project'
  | 'agent'
  | 'budget'
  | 'approval'
  | 'run'
  | 'checkpoint'
  | 'decision'
  | 'setting'
  | 'token'

const kindsOfFields: Readonly<Record<string, NameKind>> = {
  ...{ taskId: 'task', parentTaskId: 'task', dependencies: 'task' },
  ...{ planId: 'plan', rootPlanId: 'plan', parentPlanId: 'plan' },
  ...{ actionName: 'action', automationProfile: 'profile', channel: 'channel', project: 'project' },
  ...{
    assignedTo: 'agent',
    createdBy: 'agent',
    agentId: 'agent',
    sender: 'agent',
    to: 'agent',
    actor: 'agent',
  },
  ...{ reviewers: 'agent', delegationChain: 'agent', requestedBy: 'agent', decidedBy: 'agent' },
  approvalId: 'approval',
}

/** Of arguments, and of flags that fill no field. */
const kindsOfWords: Readonly<Record<string, NameKind>> = {
  ...{ task: 'task', plan: 'plan', channel: 'channel', project: 'project', profile: 'profile' },
  ...{ agent: 'agent', actor: 'agent', approval: 'approval', run: 'run' },
  checkpoint: 'checkpoint',
  decision: 'decision',
}

/** Of an argument that is only called the name. */
const kindsOfAreas: Readonly<Record<string, NameKind>> = {
  ...{ actions: 'action', projects: 'project', profiles: 'profile' },
  ...{ budgets: 'budget', settings: 'setting', tokens: 'token' },
}

/** Which names from the store can be the last word; undefined if none. */
export function nameWanted(
  words: readonly string[],
  entries: readonly (Area | Command)[],
): NameKind | undefined {
  const { area, command, operands } = commandAt(words.slice(0, -1), entries)
  const previous = words.at(-2) ?? ''
  const flags = Object.entries(command?.flags ?? {})
  const asked = flags.find(
    ([name, flag]) => flag.metavar !== undefined && spellingsOf(name, flag).includes(previous),
  )
  if (asked) {
    const [name, { field }] = asked
    return field === undefined ? kindsOfWords[name] : kindsOfFields[field]
  }
  if (globalValueFlags.some((flag) => flag === previous) || words.at(-1)?.startsWith('-')) return undefined
  const argument = Object.keys(command?.args ?? {})[operands]
  if (argument === 'name') return area && kindsOfAreas[area.name]
  return argument === undefined ? undefined : kindsOfWords[argument]
}

interface CommandPosition {
  readonly area: Area | undefined
  /** Names that may come next, as long as no command is named. */
  readonly offered: readonly string[]
  readonly command: Command | undefined
  /** How many arguments the command has so far. */
  readonly operands: number
}

function commandAt(words: readonly string[], entries: readonly (Area | Command)[]): CommandPosition {
  let [area, command]: [Area | undefined, Command | undefined] = [undefined, undefined]
  let operands = 0
  for (const [index, word] of words.entries()) {
    if (word.startsWith('-') || takesValue(words[index - 1], command)) continue
    if (command) operands += 1
    else if (area) command = area.commands.find(({ name }) => name === word)
    else {
      const entry = entries.find(({ name }) => name === word)
      if (entry && 'run' in entry) command = entry
      else area = entry
    }
  }
  return { area, offered: (area?.commands ?? entries).map(({ name }) => name), command, operands }
}

function takesValue(word: string | undefined, command: Command | undefined): boolean {
  if (word === undefined || !word.startsWith('-')) return false
  if (globalValueFlags.some((flag) => flag === word)) return true
  return Object.entries(command?.flags ?? {}).some(
    ([name, flag]) => flag.metavar !== undefined && spellingsOf(name, flag).includes(word),
  )
}
