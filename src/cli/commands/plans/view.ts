// The display of plans on a terminal: the mark and colour of each state, a plan's title, and the
// table of several.

import type { Plan, PlanState } from '../../../index.ts'
import type { Paint, Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { printableLine } from '../../screen/text.ts'

type Colour = 'cyan' | 'green' | 'red' | 'yellow' | 'dim'
type Place = Pick<Plan, 'phase' | 'state'>

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
export function markOf(place: Place): string {
  return lookOf(place)[0]
}

/** `execute/processing`. */
export function placeText({ phase, state }: Place): string {
  return `${phase}/${state}`
}

export function paintPlace(paint: Paint, place: Place, text: string): string {
  return paint[lookOf(place)[1]](text)
}

/** `◑ execute/processing`, in its colour. */
export function painted(paint: Paint, place: Place): string {
  return paintPlace(paint, place, `${markOf(place)} ${placeText(place)}`)
}

function lookOf({ phase, state }: Place): readonly [mark: string, colour: Colour] {
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

export function planTable(screen: Screen, plans: readonly Plan[]): readonly string[] {
  return table(
    screen,
    [
      { title: 'ID', value: (plan) => printableLine(plan.planId) },
      {
        title: 'STATE',
        value: (plan) => `${markOf(plan)} ${placeText(plan)}`,
        paint: (text, plan) => paintPlace(screen.paint, plan, text),
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
