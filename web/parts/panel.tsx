// A part of a page: its title, what belongs beside it, and its content; and what is shown in place
// of content that is not there yet, that is empty, or that could not be read.

import type { UseQueryResult } from '@tanstack/preact-query'
import type { ComponentChildren } from 'preact'
import { adviceFor, type Problem } from '../api/problem.ts'

interface PanelProps {
  readonly title: string
  readonly beside?: ComponentChildren
  readonly class?: string
  readonly children: ComponentChildren
}

export function Panel({ title, beside, class: name = '', children }: PanelProps) {
  return (
    <section class={`panel ${name}`} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {beside !== undefined && <div class="rest">{beside}</div>}
      </header>
      {children}
    </section>
  )
}

/** @param then what the reader can do about it */
export function Empty({
  title,
  then,
  command,
}: {
  readonly title: string
  readonly then?: string
  readonly command?: string
}) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {then}
      {command !== undefined && (
        <div>
          <code>{command}</code>
        </div>
      )}
    </div>
  )
}

export function Failure({ problem, again }: { readonly problem: Problem; readonly again?: () => void }) {
  return (
    <div class="failure" role="alert">
      <div>
        <strong>{problem.message}</strong>
        {problem.issues.map(({ path, message }) => (
          <p key={path.join('.')}>
            {path.join('.')} {message}
          </p>
        ))}
        <p class="muted">{adviceFor(problem)}</p>
      </div>
      {again !== undefined && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  )
}

export function Waiting({ lines = 3 }: { readonly lines?: number }) {
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} class="waiting" />
      ))}
    </div>
  )
}

interface ReadProps<T> {
  readonly of: UseQueryResult<T, Problem>
  readonly lines?: number
  readonly children: (data: T) => ComponentChildren
}

/** What was read, once it is there. Older content stays while newer is read, or cannot be. */
export function Read<T>({ of, lines, children }: ReadProps<T>) {
  const failure = of.error && <Failure problem={of.error} again={() => void of.refetch()} />
  if (of.data === undefined)
    return failure ? <div class="body">{failure}</div> : <Waiting {...(lines && { lines })} />
  return (
    <>
      {failure}
      {children(of.data)}
    </>
  )
}
