// `purser plans explain`: what a plan waits for, why, and which commands go on.

import { type AutomationStep, gate, type Plan, type Store, stepMeanings } from '../../../../index.ts'
import { defineCommand } from '../../../run/command.ts'
import { commandLine, sameDatabase } from '../../../screen/command-line.ts'
import { printableLine, wrap } from '../../../screen/text.ts'
import { findPlan, planArgument } from '../find.ts'
import { painted, titleOf } from '../view.ts'

/** What a plan waits for; `nothing` if it has ended. */
type Awaited =
  | 'nothing'
  | 'findings'
  | 'plans below'
  | 'approval'
  | 'human'
  | 'confidence'
  | 'move'
  | 'worker'

interface Explanation {
  readonly planId: string
  readonly phase: Plan['phase']
  readonly state: Plan['state']
  readonly waitsFor: Awaited
  /** Sentences, the first one about what it waits for. */
  readonly why: readonly string[]
  /** The words of commands that go on, each with what it does. */
  readonly next: readonly { readonly words: readonly string[]; readonly does: string }[]
}

export const explainPlan = defineCommand({
  name: 'explain',
  summary: 'say what a plan waits for, why, and which command goes on',
  description:
    'Say in words what a plan waits for: something to be put right, a human, a worker, or the plans below it; why; and which commands go on. Nothing is changed.',
  args: planArgument,
  examples: [['of a plan', 'plans explain demo/tide-service']],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const plan = await findPlan(store, call.args.plan)
      const explanation = await explain(store, plan)
      return {
        data: explanation,
        show: (screen) => {
          if (screen.quiet) return explanation.waitsFor
          const width = Math.max(40, Math.min(110, screen.width))
          return [
            `${screen.paint.bold(titleOf(plan))}  ${painted(screen.paint, plan)}`,
            '',
            ...explanation.why.flatMap((text) => wrap(printableLine(text), width)),
            ...explanation.next.flatMap(({ words, does }, index) => [
              ...(index === 0 ? [''] : []),
              `  ${screen.paint.dim(`# ${does}`)}`,
              `  ${commandLine(screen, [...words, ...sameDatabase(call.global)])}`,
            ]),
          ].join('\n')
        },
      }
    }),
})

async function explain(store: Store, plan: Plan): Promise<Explanation> {
  const { planId, phase, state } = plan
  const answer = (
    waitsFor: Awaited,
    why: readonly string[],
    next: Explanation['next'] = [],
  ): Explanation => ({
    ...{ planId, phase, state, waitsFor, why, next },
  })
  const of = (verb: string, ...more: string[]) => ['plans', verb, planId, ...more]
  switch (state) {
    case 'applied':
      return answer('nothing', ['It is applied: nothing is left to do.'])
    case 'cancelled':
      return answer('nothing', ['It was cancelled, for the reason that plans show prints.'])
    case 'processing':
      return whileWorking(store, plan, answer)
    case 'constrained':
      return gated(store, plan, 'accessNetwork', answer, {
        why: 'Apply met a constraint: what was made cannot be applied as it is.',
        move: { words: of('revert', '--reason', 'WHY'), does: 'think the strategy over again' },
      })
    case 'errored':
      return gated(store, plan, 'modifyConfig', answer, {
        why: `The work of this phase failed in attempt ${plan.attempt}; plans show prints the error.`,
        move: { words: of('retry'), does: 'queue the phase once more' },
      })
    case 'complete':
      return gated(store, plan, phase === 'strategize' ? 'createTool' : 'selectTool', answer, {
        why: `${phase} is complete, and the next phase has not begun.`,
        move: { words: of('advance'), does: 'go on to the next phase' },
      })
    case 'queued':
      return toStart(store, plan, answer)
    default:
      return state satisfies never
  }
}

type Answer = (waitsFor: Awaited, why: readonly string[], next?: Explanation['next']) => Explanation

async function whileWorking(store: Store, plan: Plan, answer: Answer): Promise<Explanation> {
  const { planId, phase, lastCompletedStep } = plan
  const why = [
    'It is being worked on: it waits for its worker.',
    lastCompletedStep < 0
      ? 'No step of it is recorded as completed.'
      : `The last completed step is step ${lastCompletedStep}.`,
  ]
  const next = [
    { words: ['plans', 'complete', planId], does: 'when the work is done' },
    { words: ['plans', 'resume', planId], does: 'if its worker has died: where to go on' },
  ]
  if (phase !== 'apply') return answer('worker', why, next)
  const below = await liveBelow(store, planId)
  if (below === 0) return answer('worker', why, next)
  return answer(
    'plans below',
    [
      `It cannot be applied yet: ${below === 1 ? '1 plan directly below it is' : `${below} plans directly below it are`} still live.`,
      ...why,
    ],
    [
      { words: ['plans', 'tree', planId], does: 'the plans below it' },
      { words: ['plans', 'complete', planId, '--tree'], does: 'apply it, and cancel the plans below' },
    ],
  )
}

/** Plans directly below that have not ended. */
async function liveBelow(store: Store, planId: string): Promise<number> {
  let live = 0
  let cursor: string | undefined
  do {
    const page = await store.plans.children(planId, {
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    })
    live += page.items.filter(({ state }) => state !== 'applied' && state !== 'cancelled').length
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return live
}

async function toStart(store: Store, plan: Plan, answer: Answer): Promise<Explanation> {
  const { planId, phase } = plan
  const { next: move, findings } = await store.plans.preflight(planId)
  const verb = move ?? 'start'
  const what = verb === 'use' ? 'be put to use' : `start ${phase}`
  if (findings.length > 0) {
    return answer(
      'findings',
      [
        `Before it can ${what}, ${findings.length === 1 ? 'this has' : 'these have'} to be put right:`,
        ...findings.map(({ rule, message }) => `- ${message} (${rule})`),
      ],
      [{ words: ['plans', 'preflight', planId], does: 'look again' }],
    )
  }
  const way = {
    why: `It may ${what}: nothing has to be put right before.`,
    move: { words: ['plans', verb, planId], does: verb === 'use' ? 'put it to use' : 'begin the work' },
  }
  if (phase === 'action' || phase === 'strategize') return gated(store, plan, 'decomposeTask', answer, way)
  return answer('move', [way.why], [way.move])
}

/** A move that a step of the profile decides about. */
async function gated(
  store: Store,
  plan: Plan,
  step: AutomationStep,
  answer: Answer,
  { why, move }: { readonly why: string; readonly move: Explanation['next'][number] },
): Promise<Explanation> {
  const { planId, version, effectiveProfile } = plan
  const threshold = effectiveProfile?.[step]
  if (gate(plan, step) === 'auto')
    return answer('move', [why, `Its profile leaves ${step} (${stepMeanings[step]}) to it.`], [move])
  if (threshold !== undefined && threshold < 1) {
    return answer(
      'confidence',
      [
        why,
        `Its profile lets it ${stepMeanings[step]} by itself with a confidence of at least ${Math.round(threshold * 100)} percent (${step}); otherwise a human decides.`,
      ],
      [
        {
          words: ['plans', 'proceed', planId, step, '--confidence', 'PERCENT'],
          does: `${move.does}, or ask a human`,
        },
      ],
    )
  }
  const { items } = await store.approvals.list({ planId, kind: `plan:${step}`, status: 'pending' })
  const asked = items.find(({ details }) => Reflect.get(Object(details), 'planVersion') === version)
  const reason = `Its profile leaves the step ${step} (${stepMeanings[step]}) to a human.`
  if (asked) {
    return answer(
      'approval',
      [why, reason, `The approval ${asked.id} was asked for, and is not decided.`],
      [
        { words: ['approvals', 'show', asked.id], does: 'what it is about' },
        { words: ['approvals', 'approve', asked.id], does: 'allow it; then proceed' },
      ],
    )
  }
  return answer(
    'human',
    [why, reason],
    [
      { words: ['plans', 'proceed', planId, step], does: 'ask for an approval' },
      { words: [...move.words, '--actor', 'human:NAME'], does: `as a human: ${move.does}` },
    ],
  )
}
