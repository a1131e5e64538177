// A page: its title, also that of the window; where it is; what one may do on it.

import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

interface PageProps {
  readonly title: string
  readonly crumbs?: ComponentChildren
  /** Beside the title. */
  readonly beside?: ComponentChildren
  /** At the end of the line. */
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}

export function PageFrame({ title, crumbs, beside, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Purser`
  }, [title])
  return (
    <>
      <header>
        {crumbs !== undefined && <div class="crumbs">{crumbs}</div>}
        <h1>{title}</h1>
        {beside}
        {actions !== undefined && <div class="rest">{actions}</div>}
      </header>
      <div class="stack">{children}</div>
    </>
  )
}
