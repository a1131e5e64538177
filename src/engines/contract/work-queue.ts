// What the database keeps beside a table of work, so that the rows that are ready are found by an
// index: a row for each dependency, and a row for each piece of work that has not ended, with how
// many of its dependencies are unmet. Both are maintained by triggers, whoever writes.

/** The table of work, and the tables that are kept beside it. */
export interface WorkQueueSpec {
  /** Prefix of the triggers. */
  readonly name: string
  readonly source: string
  /** A row for each piece of work and dependency (`workQueueColumns.edges`). */
  readonly edges: string
  /** A row for each piece of work that has not ended (`workQueueColumns.queue`). */
  readonly queue: string
  readonly columns: {
    readonly key: string
    /** A JSON list of keys. */
    readonly dependencies: string
    readonly status: string
    readonly owner: string
    readonly priority: string
    /** An instant before which it is not ready; null for none. */
    readonly delay: string
  }
  /** Instants of the source that never change, by which the queue is ordered. */
  readonly fixed: readonly string[]
  /** Columns of the source by which the queue is filtered. */
  readonly copied: readonly string[]
  readonly statuses: {
    /** Ready for anyone. */
    readonly open: readonly string[]
    /** Ready for the owner only. */
    readonly owned: string
    /** Meets a dependency. */
    readonly met: string
    /** No more work is expected. */
    readonly ended: readonly string[]
  }
  /** The most urgent first. */
  readonly priorities: readonly string[]
}

/** The columns of both tables that are no copies. */
export const workQueueColumns = {
  /** `met` is 1 if the dependency has been met, else 0. */
  edges: { task: 'task', dependency: 'dependency', met: 'met' },
  queue: {
    task: 'task',
    /** Who may take it: the empty text for anyone, null if no worker may. */
    owner: 'owner',
    /** How many dependencies are unmet. */
    unmet: 'unmet',
    /** 1 while `wakeAt` has to be compared with the time, else 0. */
    postponed: 'postponed',
    wakeAt: 'wake_at',
    /** The position of the priority; 0 is the most urgent. */
    urgency: 'urgency',
  },
} as const

interface Quoting {
  readonly name: (name: string) => string
  readonly text: (text: string) => string
}

/** The columns of the queue that follow from the row itself, with their expressions. */
export function queueValues(
  spec: WorkQueueSpec,
  row: string,
  { name, text }: Quoting,
): readonly { readonly column: string; readonly value: string }[] {
  const { queue } = workQueueColumns
  const { columns, statuses, priorities, fixed, copied } = spec
  const of = (column: string) => `${row}.${name(column)}`
  const open = statuses.open.map(text).join(', ')
  const ranks = priorities.map((priority, rank) => `WHEN ${text(priority)} THEN ${rank}`).join(' ')
  return [
    {
      column: name(queue.owner),
      value: `CASE WHEN ${of(columns.status)} IN (${open}) THEN '' WHEN ${of(columns.status)} = ${text(statuses.owned)} THEN ${of(columns.owner)} END`,
    },
    {
      column: name(queue.postponed),
      value: `CASE WHEN ${of(columns.delay)} IS NULL THEN 0 ELSE 1 END`,
    },
    { column: name(queue.wakeAt), value: of(columns.delay) },
    {
      column: name(queue.urgency),
      value: `CASE ${of(columns.priority)} ${ranks} ELSE ${priorities.length} END`,
    },
    ...[...fixed, ...copied].map((column) => ({ column: name(column), value: of(column) })),
  ]
}

/** Columns at whose change the row of the queue changes, dependencies apart. */
export function queueSources({ columns, copied }: WorkQueueSpec): readonly string[] {
  const { status, owner, priority, delay } = columns
  return [status, owner, priority, delay, ...copied]
}

/** A condition: the status of the row is one that ends a task. */
export function hasEnded({ columns, statuses }: WorkQueueSpec, row: string, { name, text }: Quoting): string {
  return `${row}.${name(columns.status)} IN (${statuses.ended.map(text).join(', ')})`
}

/** A condition: the status of the row meets a dependency on its task. */
export function isMet({ columns, statuses }: WorkQueueSpec, row: string, { name, text }: Quoting): string {
  return `${row}.${name(columns.status)} = ${text(statuses.met)}`
}
