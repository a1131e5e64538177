// The display of tasks on a terminal: the mark and colour of each status, and the table of several.

import type { Task, TaskStatus } from '../../../index.ts'
import type { Paint, Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { printableLine, words } from '../../screen/text.ts'

type Colour = 'cyan' | 'green' | 'red' | 'yellow' | 'dim'

const looks: Readonly<Record<TaskStatus, readonly [mark: string, colour: Colour]>> = {
  created: ['○', 'dim'],
  assigned: ['◔', 'cyan'],
  in_progress: ['◑', 'cyan'],
  in_review: ['◕', 'cyan'],
  completed: ['●', 'green'],
  blocked: ['■', 'yellow'],
  failed: ['✗', 'red'],
  interrupted: ['◌', 'yellow'],
  auth_required: ['▲', 'yellow'],
  suspended: ['◌', 'yellow'],
  cancelled: ['⊘', 'dim'],
  rejected: ['⊘', 'dim'],
}

/** `◑ in progress`. */
export function statusText(status: TaskStatus): string {
  return `${looks[status][0]} ${words(status)}`
}

/** Paints a text in the colour of a status. */
export function paintStatus(paint: Paint, status: TaskStatus, text: string): string {
  return paint[looks[status][1]](text)
}

/** Paints a text in the colour of a priority. */
export function paintPriority(paint: Paint, priority: Task['priority'], text: string): string {
  if (priority === 'critical') return paint.red(text)
  return priority === 'high' ? paint.yellow(text) : text
}

/** A table of tasks, one line each. */
export function taskTable(screen: Screen, tasks: readonly Task[]): readonly string[] {
  return table(
    screen,
    [
      { title: 'ID', value: (task) => printableLine(task.id) },
      {
        title: 'STATUS',
        value: (task) => statusText(task.status),
        paint: (text, task) => paintStatus(screen.paint, task.status, text),
      },
      {
        title: 'PRIORITY',
        value: (task) => task.priority,
        spare: 2,
        paint: (text, task) => paintPriority(screen.paint, task.priority, text),
      },
      { title: 'ASSIGNED TO', value: (task) => printableLine(task.assignedTo ?? '–'), shrinkTo: 11 },
      { title: 'PROJECT', value: (task) => printableLine(task.project), shrinkTo: 10, spare: 3 },
      { title: 'TITLE', value: (task) => printableLine(task.title), shrinkTo: 12 },
      { title: 'UPDATED', value: (task) => screen.time(task.updatedAt), spare: 1 },
    ],
    tasks,
  )
}
