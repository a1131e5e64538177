// What a text finds: plans and tasks by their ids, names and words, and messages with the words
// marked.

import { Link } from 'wouter-preact'
import { useRead } from '../../api/queries.ts'
import type { Items, Plan, Task } from '../../api/records.ts'
import { PlanLink, planTitle, TaskLink } from '../../parts/links.tsx'
import { withMarks } from '../../parts/message.tsx'
import { PageFrame } from '../../parts/page.tsx'
import { Empty, Panel, Read } from '../../parts/panel.tsx'
import { useParam } from '../../parts/params.ts'
import { PlanStateView, TaskState } from '../../parts/state.tsx'
import { firstLine } from '../../parts/words.ts'
import { Found, wordsOf } from '../messages/found.tsx'

interface Hit {
  readonly resource: string
  readonly id: string
  readonly record: object
}

export default function SearchPage() {
  const [text] = useParam('q')
  const hits = useRead<Items<Hit>>('/search', {
    query: { q: text, limit: 20 },
    records: ['plan', 'task'],
    enabled: text !== '',
  })
  const words = wordsOf(text)
  if (text === '') {
    return (
      <PageFrame title="Search">
        <Empty title="Nothing is searched for yet" then="Press / and write an id, a name, or words." />
      </PageFrame>
    )
  }
  return (
    <PageFrame title={`Search: ${text}`}>
      <Panel title="Records">
        <Read of={hits}>
          {({ items }) => {
            const shown = items.filter(({ resource }) => resource !== 'messages')
            if (shown.length === 0)
              return <Empty title="No record has this id, name or words" then="Messages are below." />
            return (
              <ul class="rows">
                {shown.map((hit) => (
                  <HitRow key={`${hit.resource} ${hit.id}`} hit={hit} words={words} />
                ))}
              </ul>
            )
          }}
        </Read>
      </Panel>
      <Found text={text} />
    </PageFrame>
  )
}

/** Where the pages of other kinds of records are. */
const places: Readonly<Record<string, (id: string) => string>> = {
  costs: (id) => `/costs/records/${encodeURIComponent(id)}`,
  audit: (id) => `/audit/${encodeURIComponent(id)}`,
  approvals: (id) => `/approvals?open=${encodeURIComponent(id)}`,
  budgets: (id) => `/budgets?open=${encodeURIComponent(id)}`,
  agents: (id) => `/tasks?view=list&assignedTo=${encodeURIComponent(id)}`,
}

function HitRow({
  hit: { resource, id, record },
  words,
}: {
  readonly hit: Hit
  readonly words: readonly string[]
}) {
  if (resource === 'plans') {
    const plan = record as Plan
    return (
      <li class="line">
        <span class="tag">plan</span>
        <span class="grow clip">
          <PlanLink id={id} row>
            {withMarks(planTitle(plan), words)}
          </PlanLink>
        </span>
        <PlanStateView plan={plan} />
      </li>
    )
  }
  if (resource === 'tasks') {
    const task = record as Task
    return (
      <li>
        <div class="line">
          <span class="tag">task</span>
          <span class="grow clip">
            <TaskLink id={id} row>
              {withMarks(task.title, words)}
            </TaskLink>
          </span>
          <TaskState status={task.status} />
        </div>
        <p class="muted small">{withMarks(firstLine(task.description), words)}</p>
      </li>
    )
  }
  const place = places[resource]?.(id)
  return (
    <li class="line">
      <span class="tag">{resource}</span>
      {place === undefined ? (
        <span class="id">{id}</span>
      ) : (
        <Link href={place} class="id" data-row="">
          {id}
        </Link>
      )}
    </li>
  )
}
