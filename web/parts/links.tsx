// Links to records. A row of a list has one with `row`, by which `j` and `k` find it.

import type { ComponentChildren } from 'preact'
import { Link } from 'wouter-preact'
import type { Plan } from '../api/records.ts'
import { firstLine, shortId } from './words.ts'

export const planPath = (id: string) => `/plans/${encodeURIComponent(id)}`
export const taskPath = (id: string) => `/tasks/${encodeURIComponent(id)}`
export const auditPath = (id: string) => `/audit/${encodeURIComponent(id)}`
export const costPath = (id: string) => `/costs/records/${encodeURIComponent(id)}`

interface LinkProps {
  readonly id: string
  readonly row?: boolean
  readonly children?: ComponentChildren
}

const rowProps = (row = false) => (row ? { 'data-row': '' } : {})

export function PlanLink({ id, row, children }: LinkProps) {
  return (
    <Link href={planPath(id)} title={id} {...rowProps(row)}>
      {children ?? <span class="id">{shortId(id)}</span>}
    </Link>
  )
}

export function TaskLink({ id, row, children }: LinkProps) {
  return (
    <Link href={taskPath(id)} title={id} {...rowProps(row)}>
      {children ?? <span class="id">{shortId(id)}</span>}
    </Link>
  )
}

/** How a plan is called where there is one line for it. */
export function planTitle(plan: Pick<Plan, 'name' | 'description' | 'planId'>): string {
  return plan.name ?? (plan.description === '' ? shortId(plan.planId) : firstLine(plan.description))
}
