// Draws a tree of plans: branch lines, a mark in the colour of the state, the plan's title, and
// beside it state, attempt, cost and id. On a narrow screen the beginning of deep branch lines is
// dropped, never an id.

import type { ExactCount } from '../../../index.ts'
import { alignMoney, money } from '../../screen/amounts.ts'
import type { Screen } from '../../screen/screen.ts'
import { type Column, table } from '../../screen/table.ts'
import { counted, grouped, printableLine } from '../../screen/text.ts'
import { isNone } from '../costs/sum-text.ts'
import type { Branch, Cost, TreeSummary } from './tree-data.ts'
import { markOf, paintPhaseAndState, phaseAndStateText, titleOf } from './view.ts'

export interface Drawing {
  readonly summary: TreeSummary
  readonly depth: number
  /** The command line that draws the tree below a plan. */
  readonly deeper: (planId: string) => string
}

interface Row {
  /** Absent for a line that says how many plans are omitted. */
  readonly branch: Branch | undefined
  readonly lines: string
  readonly text: string
}

/**
 * More levels are not drawn, however many are requested: the output for a chain grows with its
 * square.
 */
const MAX_LEVELS = 1000
/** The part of the screen's width available to branch lines. */
const LINES_SHARE = 0.25

/** A tree, one line a plan, as deep as the drawing says. */
export function treeLines(screen: Screen, top: Branch, drawing: Drawing): readonly string[] {
  const { rows, cut } = rowsOf(top, Math.min(drawing.depth, MAX_LEVELS), screen.width)
  const lines = table(screen, columnsOf(screen, rows), rows).slice(1)
  if (screen.quiet) return lines
  return [
    ...lines,
    '',
    summaryText(screen, top, drawing.summary),
    ...(cut === undefined
      ? []
      : [screen.paint.dim('What stands below one of them:'), `  ${drawing.deeper(cut.plan.planId)}`]),
  ]
}

interface Waiting {
  readonly branch: Branch
  /** The prefix of its children's lines. */
  readonly before: string
  readonly isLast: boolean
}

function rowsOf(
  top: Branch,
  depth: number,
  width: number,
): { rows: readonly Row[]; cut: Branch | undefined } {
  const rows: Row[] = []
  let cut: Branch | undefined
  const waiting: Waiting[] = [{ branch: top, before: '', isLast: true }]
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    const { branch, before, isLast } = item
    const level = branch.level - top.level + 1
    const own = level === 1 ? '' : `${before}${isLast ? '└─ ' : '├─ '}`
    rows.push({
      branch,
      lines: fitted(own, level, width),
      text: `${markOf(branch.plan)} ${titleOf(branch.plan)}`,
    })
    if (branch.children.length === 0) continue
    const below = level === 1 ? '' : `${before}${isLast ? '   ' : '│  '}`
    if (level >= depth) {
      cut ??= branch
      rows.push({
        branch: undefined,
        lines: fitted(`${below}└─ `, level + 1, width),
        text: `… ${grouped(branch.below)} more below`,
      })
      continue
    }
    const last = branch.children.length - 1
    for (let index = last; index >= 0; index -= 1) {
      waiting.push({ branch: branch.children[index] as Branch, before: below, isLast: index === last })
    }
  }
  return { rows, cut }
}

/** Lines too long for the screen lose their beginning; the number of the level is shown instead. */
function fitted(lines: string, level: number, width: number): string {
  const room = Math.max(12, Math.floor(width * LINES_SHARE))
  if (lines.length <= room) return lines
  const number = `${level}… `
  return number + lines.slice(lines.length - room + number.length)
}

function columnsOf(screen: Screen, rows: readonly Row[]): readonly Column<Row>[] {
  const { paint } = screen
  const branches = rows.flatMap(({ branch }) => branch ?? [])
  const currencies = new Set(branches.flatMap(({ costs }) => costs.map(({ currency }) => currency)))
  const costs = costTexts(branches, currencies.size > 1)
  const hasAttempts = branches.some(({ plan }) => plan.attempt > 1)
  const of = (text: (branch: Branch) => string) => (row: Row) => (row.branch ? text(row.branch) : '')
  return [
    {
      title: '',
      value: (row) => row.lines + row.text,
      shrinkTo: 14,
      paint: (text, { lines, branch }) => {
        const rest = text.slice(lines.length)
        if (!branch?.matches) return paint.dim(text)
        const mark = markOf(branch.plan)
        const title =
          branch.plan.parentPlanId === null ? paint.bold(rest.slice(mark.length)) : rest.slice(mark.length)
        return paint.dim(text.slice(0, lines.length)) + paintPhaseAndState(paint, branch.plan, mark) + title
      },
    },
    {
      title: '',
      value: of(({ plan }) => phaseAndStateText(plan)),
      paint: (text, { branch }) =>
        branch?.matches ? paintPhaseAndState(paint, branch.plan, text) : paint.dim(text),
    },
    ...(hasAttempts
      ? [
          {
            title: '',
            value: of(({ plan }) => (plan.attempt > 1 ? `try ${plan.attempt}` : '')),
            spare: 1,
            paint: (text: string) => paint.yellow(text),
          },
        ]
      : []),
    ...(costs.size > 0
      ? [{ title: '', align: 'end' as const, value: of((branch) => costs.get(branch) ?? '') }]
      : []),
    { title: '', value: of(({ plan }) => printableLine(plan.planId)), paint: (text) => paint.dim(text) },
  ]
}

/** Amounts in one currency are aligned at the point; in several, each is shown with its own. */
function costTexts(branches: readonly Branch[], isMixed: boolean): ReadonlyMap<Branch, string> {
  const paid = branches.filter(({ costs }) => costs.length > 0)
  if (isMixed) {
    return new Map(paid.map((branch) => [branch, branch.costs.map(costText).join(' + ')]))
  }
  const amounts = alignMoney(paid.map(({ costs }) => costs[0]?.cost ?? '0'))
  return new Map(
    paid.map((branch, index) => [
      branch,
      `${amounts[index]} ${branch.costs[0]?.currency}${lackText(branch.costs[0]?.unpriced ?? 0)}`,
    ]),
  )
}

function costText({ cost, currency, unpriced }: Cost): string {
  return `${money(cost, currency)}${lackText(unpriced)}`
}

/** What the amount lacks. */
function lackText(unpriced: ExactCount): string {
  return isNone(unpriced) ? '' : ` (${grouped(unpriced)} unpriced)`
}

function summaryText(screen: Screen, top: Branch, summary: TreeSummary): string {
  const { nodes, depth, byState, matching } = summary
  const all = `${counted(nodes, 'plan')}, ${counted(depth, 'level')}`
  const states = Object.entries(byState).map(([state, count]) => `${grouped(count)} ${state}`)
  const cost = top.costs.map(costText).join(' + ')
  const whole = `${all}: ${states.join(', ')}${cost === '' ? '' : `; cost ${cost}`}`
  if (matching === nodes) return whole
  const shown =
    matching === 0
      ? 'No plan is in that state.'
      : `${counted(matching, 'plan')} in that state, with the path to each.`
  return `${shown} ${screen.paint.dim(`The whole tree: ${whole}`)}`
}
