// `purser plans decisions`: what a plan decided, as a tree, and what was said about it.

import type { Correction, DecisionNode } from '../../../../index.ts'
import { defineCommand } from '../../../run/command.ts'
import { reportCorrupt } from '../../../run/unreadable.ts'
import type { Screen } from '../../../screen/screen.ts'
import { table } from '../../../screen/table.ts'
import { counted, printableLine } from '../../../screen/text.ts'
import { findPlan, planArgument } from '../find.ts'

/** Deeper levels are indented no further. */
const MOST_INDENTED = 20
/** Corrections are few; more are shown by --json. */
const MOST_CORRECTIONS = 100

export const decisionsOfPlan = defineCommand({
  name: 'decisions',
  summary: 'show what a plan decided, as a tree',
  description:
    'Show the decisions of a plan as a tree, by their numbers: the kind of each, what was chosen, how sure it was, and what superseded it. JSON has everything about each decision, and the corrections of the plan.',
  args: planArgument,
  examples: [
    ['what a plan decided', 'plans decisions demo/tide-service'],
    ['with reasons and alternatives', 'plans decisions demo/tide-service --json'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const plan = await findPlan(store, call.args.plan)
      const { planId } = plan
      const tree = await store.decisions.tree(planId)
      if (tree) reportCorrupt(tree.corrupt, call.note)
      const nodes = [...(tree?.nodes.values() ?? [])]
      const corrections: Correction[] = []
      for await (const correction of store.corrections.each({ planId })) corrections.push(correction)
      const decisions = nodes.map(({ decision }) => decision).toSorted((a, b) => a.sequence - b.sequence)
      return {
        data: { planId, decisionRootId: plan.decisionRootId, decisions, corrections },
        show: (screen) => {
          if (nodes.length === 0) {
            return 'This plan has no decisions yet. Applications store them by store.decisions.record(…).'
          }
          return [
            ...nodeTable(screen, nodes),
            ...(screen.quiet ? [] : ['', summary(nodes)]),
            ...(corrections.length === 0 ? [] : ['', ...correctionTable(screen, corrections)]),
          ].join('\n')
        },
      }
    }),
})

function summary(nodes: readonly DecisionNode[]): string {
  const superseded = nodes.filter(({ decision }) => decision.supersededBy !== null).length
  const all = counted(nodes.length, 'decision')
  return superseded === 0 ? all : `${all}, ${superseded} superseded`
}

function nodeTable(screen: Screen, nodes: readonly DecisionNode[]): readonly string[] {
  const isDropped = ({ decision }: DecisionNode) => decision.supersededBy !== null
  const dim = (text: string, node: DecisionNode) => (isDropped(node) ? screen.paint.dim(text) : text)
  return table(
    screen,
    [
      { title: 'NO', align: 'end', value: ({ decision }) => String(decision.sequence), paint: dim },
      {
        title: 'DECISION',
        value: ({ decision, level }) =>
          `${'  '.repeat(Math.min(level - 1, MOST_INDENTED))}${decision.type.replaceAll('_', ' ')}`,
        paint: dim,
      },
      {
        title: 'CHOSEN',
        value: ({ decision }) => firstLine(decision.chosenOption),
        shrinkTo: 12,
        paint: dim,
      },
      { title: 'SURE', align: 'end', value: ({ decision }) => percent(decision.confidence), spare: 2 },
      { title: 'MADE', value: ({ decision }) => screen.time(decision.createdAt), spare: 1 },
      {
        title: 'COUNTS',
        value: (node) => (isDropped(node) ? 'no' : 'yes'),
        paint: dim,
      },
      { title: 'ID', value: ({ decision }) => printableLine(decision.decisionId), paint: dim },
    ],
    nodes,
  )
}

function correctionTable(screen: Screen, corrections: readonly Correction[]): readonly string[] {
  return table(
    screen,
    [
      { title: 'CORRECTION', value: ({ correctionId }) => printableLine(correctionId) },
      { title: 'MODE', value: ({ mode }) => mode },
      {
        title: 'STATE',
        value: ({ state, failure }) => (failure === null ? state : `${state}: ${printableLine(failure)}`),
      },
      { title: 'GUIDANCE', value: ({ guidance }) => firstLine(guidance), shrinkTo: 12 },
      { title: 'BY', value: ({ requestedBy }) => printableLine(requestedBy), shrinkTo: 8 },
    ],
    corrections.slice(-MOST_CORRECTIONS),
  )
}

function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n', 1)
  return printableLine(line)
}

function percent(confidence: number | null): string {
  return confidence === null ? '–' : `${Math.round(confidence * 100)} %`
}
