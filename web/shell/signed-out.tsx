// What is shown in place of a page when the sign-in has ended.

import { Empty } from '../parts/panel.tsx'

export function SignedOut({ again }: { readonly again: () => void }) {
  return (
    <section class="panel" aria-label="Signed out">
      <Empty
        title="You are signed out"
        then="Open the address that the server printed when it started; each signs in one browser. It prints a new one when it is started again."
        command="purser serve"
      />
      <div class="empty">
        <button type="button" class="primary" onClick={again}>
          Try again
        </button>
      </div>
    </section>
  )
}
