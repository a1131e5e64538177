// How tasks depend on each other, as a graph: what comes first is on the left. Laid out by dagre.

import { Graph, layout } from '@dagrejs/dagre'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import type { Query } from '../../api/client.ts'
import { useRead } from '../../api/queries.ts'
import type { Page, Task } from '../../api/records.ts'
import { taskPath } from '../../parts/links.tsx'
import { Empty, Read } from '../../parts/panel.tsx'
import { signOfTask } from '../../parts/state.tsx'
import { firstLine, spaced } from '../../parts/words.ts'

/** Of the tasks that the filters find; a graph of more can hardly be read. */
const MOST = 500
const WIDTH = 190
const HEIGHT = 44

interface DependenciesProps {
  readonly query: Query
  /** Only what this task depends on, and what depends on it. */
  readonly current?: string
}

export default function Dependencies({ query, current }: DependenciesProps) {
  const list = useRead<Page<Task>>('/tasks', {
    query: { ...query, limit: MOST, order: 'desc' },
    records: ['task'],
  })
  return (
    <Read of={list} lines={5}>
      {({ items }) => {
        const linked = linkedTasks(items, current)
        if (linked.length === 0) {
          return (
            <section class="panel" aria-label="Dependencies">
              <Empty
                title="No task depends on another"
                then="Dependencies are given when a task is made, or later."
              />
            </section>
          )
        }
        return <Drawing tasks={linked} current={current} />
      }}
    </Read>
  )
}

function linkedTasks(tasks: readonly Task[], current: string | undefined): readonly Task[] {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const neighbours = new Map<string, Set<string>>()
  const link = (from: string, to: string) => {
    const found = neighbours.get(from)
    if (found) found.add(to)
    else neighbours.set(from, new Set([to]))
  }
  for (const { id, dependencies } of tasks) {
    for (const dependency of dependencies) {
      if (!byId.has(dependency)) continue
      link(id, dependency)
      link(dependency, id)
    }
  }
  if (current === undefined) return tasks.filter(({ id }) => neighbours.has(id))
  const kept = new Set([current])
  const waiting = [current]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const other of neighbours.get(next) ?? []) {
      if (kept.has(other)) continue
      kept.add(other)
      waiting.push(other)
    }
  }
  return kept.size > 1 ? tasks.filter(({ id }) => kept.has(id)) : []
}

function Drawing({
  tasks,
  current,
}: {
  readonly tasks: readonly Task[]
  readonly current: string | undefined
}) {
  const [, navigate] = useLocation()
  const graph = useMemo(() => laidOut(tasks), [tasks])
  const { width = 0, height = 0 } = graph.graph()
  const figure = useRef<HTMLElement>(null)
  const middle = current !== undefined && graph.hasNode(current) ? Number(graph.node(current).x) : 0
  useEffect(() => {
    const element = figure.current
    if (element) element.scrollLeft = middle - element.clientWidth / 2
  }, [middle])
  const byId = new Map(tasks.map((task) => [task.id, task]))
  return (
    <figure ref={figure} class="graph" aria-label="Dependencies of tasks">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        <title>Dependencies of tasks: what comes first is on the left</title>
        {graph.edges().map((edge) => {
          const points = graph.edge(edge).points as readonly { x: number; y: number }[]
          const isOpen = byId.get(edge.v)?.status !== 'completed'
          return (
            <path
              key={`${edge.v} ${edge.w}`}
              class="edge"
              data-open={isOpen}
              d={points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('')}
            />
          )
        })}
        {tasks.map((task) => {
          const { x, y } = graph.node(task.id) as { x: number; y: number }
          return (
            <a
              key={task.id}
              href={taskPath(task.id)}
              data-row=""
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return
                event.preventDefault()
                navigate(taskPath(task.id))
              }}
            >
              <g
                class="node"
                data-current={task.id === current}
                transform={`translate(${x - WIDTH / 2} ${y - HEIGHT / 2})`}
              >
                <title>{task.title}</title>
                <rect width={WIDTH} height={HEIGHT} rx="6" />
                <text x="10" y="18">
                  {firstLine(task.title, 26)}
                </text>
                <text x="10" y="34" class="sub">
                  {signOfTask(task.status)} {spaced(task.status)} · {task.assignedTo ?? 'no one'}
                </text>
              </g>
            </a>
          )
        })}
      </svg>
    </figure>
  )
}

function laidOut(tasks: readonly Task[]) {
  const graph = new Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 46, marginx: 16, marginy: 16 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id } of tasks) graph.setNode(id, { width: WIDTH, height: HEIGHT })
  for (const { id, dependencies } of tasks) {
    for (const dependency of dependencies) if (graph.hasNode(dependency)) graph.setEdge(dependency, id)
  }
  layout(graph)
  return graph
}
