// The display of plans on a terminal: the mark and colour of each state, a plan's title, and the
// table of several.

import type { Plan, PlanState } from '../../../index.ts'
import type { Paint, Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { printableLine } from '../../screen/text.ts'

type Colour = 'cyan' | 'green' | 'red' | 'yellow' | 'dim'
type PhaseAndState = Pick<Plan, 'phase' | 'state'>

const looks: Readonly<Record<PlanState, readonly [mark: string, colour: Colour]>> = {
  queued: ['◔', 'cyan'],
  processing: ['◑', 'cyan'],
  complete: ['◕', 'cyan'],
  errored: ['✗', 'red'],
  cancelled: ['⊘', 'dim'],
  applied: ['●', 'green'],
  constrained: ['■', 'yellow'],
}
/** Of a plan that was not used yet. */
const unused = ['○', 'dim'] as const

/** `◑`. */
export function markOf(at: PhaseAndState): string {
  return lookOf(at)[0]
}

/** `execute/processing`. */
export function phaseAndStateText({ phase, state }: PhaseAndState): string {
  return `${phase}/${state}`
}

/** Paints a text in the colour of a phase and state. */
export function paintPhaseAndState(paint: Paint, at: PhaseAndState, text: string): string {
  return paint[lookOf(at)[1]](text)
}

/** `◑ execute/processing`, in its colour. */
export function painted(paint: Paint, at: PhaseAndState): string {
  return paintPhaseAndState(paint, at, `${markOf(at)} ${phaseAndStateText(at)}`)
}

function lookOf({ phase, state }: PhaseAndState): readonly [mark: string, colour: Colour] {
  return phase === 'action' && state === 'queued' ? unused : looks[state]
}

/**
 * A plan's title: a root's name; for a child the name that it had as an adopted plan, unless that
 * only repeats its id, else the first line of its description.
 */
export function titleOf({ planId, name, metadata, description }: Plan): string {
  const { legacyName } = metadata
  const hadName = typeof legacyName === 'string' && !legacyName.endsWith(planId)
  const [line = ''] = (name ?? (hadName ? legacyName : description.trim())).split('\n', 1)
  return printableLine(line)
}

/** A table of plans, one line each. */
export function planTable(screen: Screen, plans: readonly Plan[]): readonly string[] {
  return table(
    screen,
    [
      { title: 'ID', value: (plan) => printableLine(plan.planId) },
      {
        title: 'STATE',
        value: (plan) => `${markOf(plan)} ${phaseAndStateText(plan)}`,
        paint: (text, plan) => paintPhaseAndState(screen.paint, plan, text),
      },
      { title: 'PLAN', value: titleOf, shrinkTo: 6 },
      { title: 'ACTION', value: (plan) => printableLine(plan.actionName), shrinkTo: 10, spare: 2 },
      {
        title: 'PROJECTS',
        value: ({ projects }) => projects.map(({ name }) => printableLine(name)).join(', ') || '–',
        shrinkTo: 8,
        spare: 3,
      },
      { title: 'UPDATED', value: (plan) => screen.time(plan.updatedAt), spare: 1 },
    ],
    plans,
  )
}
