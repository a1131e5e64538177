// The pages of the navigation, in its order, each with the letter that follows `g`.

import {
  Activity,
  Banknote,
  BookCheck,
  CircleCheckBig,
  Gauge,
  HeartPulse,
  ListTodo,
  type LucideIcon,
  MessagesSquare,
  Network,
} from 'lucide-preact'

export interface PageEntry {
  readonly path: string
  readonly title: string
  readonly key: string
  readonly icon: LucideIcon
}

export const pages: readonly PageEntry[] = [
  { path: '/', title: 'Overview', key: 'o', icon: Activity },
  { path: '/plans', title: 'Plans', key: 'p', icon: Network },
  { path: '/tasks', title: 'Tasks', key: 't', icon: ListTodo },
  { path: '/costs', title: 'Costs', key: 'c', icon: Banknote },
  { path: '/messages', title: 'Messages', key: 'm', icon: MessagesSquare },
  { path: '/approvals', title: 'Approvals', key: 'a', icon: CircleCheckBig },
  { path: '/budgets', title: 'Budgets', key: 'b', icon: Gauge },
  { path: '/audit', title: 'Audit', key: 'u', icon: BookCheck },
  { path: '/health', title: 'Health', key: 'h', icon: HeartPulse },
]
