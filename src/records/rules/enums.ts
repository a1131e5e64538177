// The rules that a store enforces: their names, by which a call overrides them and the audit trail
// finds them, and what each demands.

export const ruleNames = [
  'gate',
  'preflight',
  'action',
  'actors',
  'profile',
  'parent',
  'arguments',
  'projects',
  'children',
  'budget',
  'deniedTools',
] as const

export type RuleName = (typeof ruleNames)[number]

/** What is looked at before a plan is put to use and before each phase starts. */
export const preflightRules = [
  'action',
  'actors',
  'profile',
  'parent',
  'arguments',
  'projects',
  'budget',
] as const satisfies readonly RuleName[]

/** Rules that are overridden by one name. */
export const ruleGroups: Readonly<Partial<Record<RuleName, readonly RuleName[]>>> = {
  preflight: preflightRules,
}

/** What each rule demands. */
export const ruleMeanings: Readonly<Record<RuleName, string>> = {
  gate: 'a step that the frozen profile leaves to a human needs one: an approval, or an actor `human:NAME`',
  preflight: 'all rules of the pre-flight: action, actors, profile, parent, arguments, projects, budget',
  action: 'the action of the plan exists and is available',
  actors: 'the plan has a strategy actor and an execution actor',
  profile: 'the plan captured an automation profile that can be read',
  parent: 'the parent of the plan is neither applied nor cancelled',
  arguments: 'the arguments of the plan are as its action defines them',
  projects: 'in a database that has records of projects, those of the plan are among them',
  children: 'a plan is applied or cancelled when none directly below it is live, or with them (`tree: true`)',
  budget: 'no budget or guard that applies to the plan is used up',
  deniedTools: 'a tool that the frozen profile denies is not recorded as allowed',
}
