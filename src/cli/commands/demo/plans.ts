// The plans of the demo's story: a tree three levels deep, the moves of each and their actors, the
// profile and the actions that they are made with, and the gatekeeper's decisions. Every id is
// fixed, so that running it again writes nothing again.

import type { NewAction, NewAuditEntry, NewAutomationProfile, NewPlan, PlanMove } from '../../../index.ts'

/** The id of a plan of the story, by its number from 1 to 9. */
export function planId(number: number): string {
  return `01K0TDE000000000000000000${number}`
}

export const rootName = 'demo/tide-service'

export const profile: NewAutomationProfile = {
  name: 'demo/careful',
  description: 'Confidence decides, the network needs a human',
  decomposeTask: 0,
  createTool: 0.7,
  selectTool: 1,
  editCode: 0.7,
  executeCommand: 0.7,
  createFile: 0.7,
  deleteContent: 0.9,
  accessNetwork: 1,
  installDependency: 0.8,
  modifyConfig: 0,
  approvePlan: 1,
  guards: { maxCostUsd: 5, deniedTools: ['shell'] },
}

export const action: NewAction = {
  name: 'demo/build',
  description: 'Build what the plan says, with tests',
  definitionOfDone: 'The tests pass, and somebody else has read it',
  automationProfile: profile.name,
  actors: { strategy: 'mira', execution: 'pax', review: 'june' },
}

export const actions: readonly NewAction[] = [
  action,
  {
    name: 'demo/deliver',
    description: 'Deliver what the plan says, by the plans below it',
    actors: { strategy: 'mira', execution: 'mira' },
  },
  {
    name: 'demo/research',
    description: 'Find out what the plan asks',
    actors: { strategy: 'mira', execution: 'pax' },
  },
]

type Numbered = Omit<NewPlan, 'planId' | 'parentPlanId' | 'actionName'>

const plan = (number: number, parent: number | null, actionName: string, more: Numbered): NewPlan => ({
  planId: planId(number),
  parentPlanId: parent === null ? null : planId(parent),
  actionName,
  ...more,
})
const api = [{ name: 'tide-api', alias: 'api' }]
const web = [{ name: 'tide-web', alias: 'web' }]

/** Parents before their children. */
export const plans: readonly NewPlan[] = [
  plan(1, null, 'demo/deliver', {
    name: rootName,
    description: 'A tide-table service for the harbours of the bay',
    definitionOfDone: 'A harbour master finds the next high tide within ten seconds',
    automationProfile: 'cautious',
    actors: { strategy: 'mira', review: 'june' },
    projects: [...api, ...web],
    invariants: [{ text: 'Heights are within 2 cm of the printed tables' }],
  }),
  plan(2, 1, 'demo/deliver', { description: 'Know the tides', projects: api }),
  plan(3, 2, 'demo/research', { description: 'Choose a source', projects: api }),
  plan(4, 2, action.name, {
    description: 'Compute predictions',
    projects: api,
    actors: { execution: 'otto' },
    arguments: [
      { name: 'harbours', value: ['Port Ellery', 'Saltgate', 'North Quay'] },
      { name: 'toleranceCm', value: 2 },
    ],
  }),
  plan(5, 2, action.name, { description: 'Cache predictions', projects: api, actors: { execution: 'otto' } }),
  plan(6, 1, 'demo/deliver', { description: 'Show the tides', projects: web }),
  plan(7, 6, action.name, {
    description: 'The harbour page',
    projects: [...web, { name: 'tide-api', alias: 'api', readOnly: true }],
    actors: { execution: 'pax' },
  }),
  plan(8, 6, 'demo/research', { description: 'Tides of lakes', projects: web }),
  plan(9, 6, 'demo/deliver', { description: 'Terms of use', projects: web }),
]

export interface DemoMove {
  readonly actor: string
  readonly planId: string
  readonly move: PlanMove
  /** Why it failed, or was reverted or cancelled. */
  readonly text: string
}

const moves = (actor: string, number: number, names: string, text = ''): readonly DemoMove[] =>
  names.split(' ').map((name) => ({ actor, planId: planId(number), move: name as PlanMove, text }))

/** Who makes the moves that the profiles leave to a human. */
export const human = 'human:nora'
/** How sure agents are that a plan may advance. */
export const CONFIDENCE = 0.8

/** In creation order. */
export const planMovesMade: readonly DemoMove[] = [
  ...moves('mira', 1, 'use start complete advance start'),
  ...moves('mira', 2, 'use start complete advance start'),
  ...moves('pax', 3, 'use start complete advance start complete'),
  ...moves(human, 3, 'advance'),
  ...moves('mira', 3, 'start complete'),
  ...moves('mira', 6, 'use start complete advance start'),
  ...moves('pax', 7, 'use start complete advance start'),
  ...moves('otto', 4, 'use start complete advance start'),
  ...moves('otto', 4, 'fail', 'predictions for Port Ellery drift by an hour'),
  ...moves('pax', 7, 'complete'),
  ...moves(human, 7, 'advance'),
  ...moves(human, 7, 'revert', 'the page hides the time zone'),
  ...moves('mira', 4, 'retry'),
  ...moves('otto', 4, 'start'),
  ...moves('mira', 8, 'cancel', 'lakes have next to none'),
  ...moves('pax', 7, 'start complete advance start complete'),
  ...moves(human, 7, 'advance'),
  ...moves('pax', 7, 'start'),
  ...moves('otto', 5, 'use start complete'),
]

/** Whose decisions are recorded beside the moves. */
export const gatekeeper = 'gatekeeper'

type Decision = NewAuditEntry & { readonly id: string }

const decision = (number: number, more: Omit<Decision, 'id' | 'actor'>): Decision => ({
  id: `01K0TDE00000000000000000A${number}`,
  actor: gatekeeper,
  ...more,
})

export const decisions: readonly Decision[] = [
  decision(1, {
    action: 'tool:call',
    subjectType: 'tool',
    subjectId: 'tide-tables',
    planId: planId(4),
    verdict: 'allow',
    matchedRules: ['read-only'],
    reason: 'it only reads',
  }),
  decision(2, {
    action: 'tool:call',
    subjectType: 'tool',
    subjectId: 'shell',
    planId: planId(4),
    verdict: 'deny',
    riskLevel: 'high',
    matchedRules: ['denied-tools'],
    reason: 'its profile denies this tool',
  }),
  decision(3, {
    action: 'gate:ask',
    subjectType: 'plan',
    subjectId: planId(7),
    planId: planId(7),
    verdict: 'escalate',
    riskLevel: 'medium',
    matchedRules: ['selectTool'],
    reason: 'going live needs a human',
  }),
]
